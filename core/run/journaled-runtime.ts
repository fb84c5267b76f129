import { callErrorOf } from "../errors.ts";
import type { JournalScope } from "../journal/journal-scope.ts";
import { type RuntimeCalls, runtimeId } from "./runtime-module.ts";

/** They change nothing that outlives the process, and the program gets nothing from them that could be another the next time. */
const unrecorded: readonly string[] = ["progress", "print", "time.held", "files.upload"];

/** The calls of the module `runtime` of a program that may be run again: what they read is what they read before, and nothing is written twice. */
export function journaledRuntime(runtime: RuntimeCalls, journal: JournalScope | undefined): RuntimeCalls {
  if (journal === undefined) return runtime;
  return {
    async call(name, argsJson) {
      if (unrecorded.includes(name)) return runtime.call(name, argsJson);
      const call = { server: runtimeId, tool: name, argsJson, form: "value" };
      try {
        return await journal.answer(
          call,
          () => runtime.call(name, argsJson),
          () => {},
        );
      } catch (error) {
        return { ok: false, error: callErrorOf(error) };
      }
    },
  };
}
