import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { createSqliteStore } from "../../worker/storage/sqlite.ts";
import { storeContract } from "../contract/store.ts";

storeContract("SQLite", (use) => {
  const object = env.SESSIONS.getByName(`store/${crypto.randomUUID()}`);
  return runInDurableObject(object, (_instance, state) => use(createSqliteStore(state.storage)));
});
