import library from "lib?json";
import { WorkerEntrypoint } from "cloudflare:workers";
import { readProgram } from "../../../core/program/read-program.ts";
import type { Reading, ReadRequest } from "../../../core/program/reader.ts";
import { createChecker } from "./checker.ts";
import runtimeText from "./runtime.d.ts?text";
import { lower } from "./typescript-fallback.ts";

/* Runs in its own isolate. build.ts bundles it with the compiler and the standard library. */

const checker = createChecker({ library, runtimeText, scope: globalThis });

/** A small program, so that the first one of a user finds the compiler warm. */
const warmUp: ReadRequest = {
  entry: "main.ts",
  sources: { "main.ts": "const one: number = 1; return one;" },
  language: "ts",
  allowed: [],
  registered: [],
  listings: [],
};
let isWarm = false;

export default class Compiler extends WorkerEntrypoint {
  ready(): void {
    if (!isWarm) readProgram(warmUp, { ...checker, lower });
    isWarm = true;
  }

  read(request: ReadRequest): Reading {
    return readProgram(request, { ...checker, lower });
  }
}
