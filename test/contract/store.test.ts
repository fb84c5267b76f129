import { memoryStore } from "../support/fakes.ts";
import { storeContract } from "./store.ts";

storeContract("in-memory", (use) => use(memoryStore()));
