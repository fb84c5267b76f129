import { parentPort } from "node:worker_threads";
import type { ReadRequest } from "../../core/program/reader.ts";
import { nodeReader } from "./program-reader.ts";

/* Reads programs in a thread of its own, which the test can end. Answers each request with a reading, or with what was thrown. */

parentPort?.on("message", async (request: ReadRequest) => {
  try {
    const reading = await nodeReader.read(request, new AbortController().signal);
    parentPort?.postMessage({ reading });
  } catch (error) {
    parentPort?.postMessage({ thrown: String(error) });
  }
});
