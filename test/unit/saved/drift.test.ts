import { expect, test } from "vitest";
import type { SavedSummary } from "../../../core/saved/definition.ts";
import { createDrift } from "../../../core/saved/drift.ts";
import { pinsOf } from "../../../core/saved/pins.ts";
import type { Programs } from "../../../core/saved/programs.ts";
import { tool } from "../../support/builders.ts";

const now = tool("now", { inputSchema: { type: "object", properties: { zone: { type: "string" } } } });
const stricter = tool("now", { inputSchema: { type: "object", properties: { zone: { type: "number" } } } });

function saved(name: string): SavedSummary {
  return {
    ...{ name, description: "", inputSchema: { type: "object" }, examples: [], enabled: true, timeoutMs: 1_000, codeBytes: 1 },
    ...{ revision: 1, createdAt: "2026-01-01T00:00:00Z", updatedAt: "2026-01-01T00:00:00Z" },
    ...{ given: { input: false, output: false, description: false, examples: false } },
    pins: pinsOf([
      { id: "time", tools: [now] },
      { id: "clock", tools: [now] },
    ]),
  };
}

test("asks for a server's tools once, however many saved programs use them, and again the next time", async () => {
  const asked: string[] = [];
  const read: string[] = [];
  let tools = [now];
  const programs: Programs = {
    hasServer: () => true,
    knownTools(id) {
      asked.push(id);
      return tools;
    },
    async read({ name }) {
      read.push(name);
      return { kind: "refused", errors: [{ code: "type_error", phase: "typecheck", message: "no", retryable: false }] };
    },
    run: () => Promise.reject(new Error("nothing is run")),
  };
  const drift = createDrift({ programs: () => programs, sourceOf: async () => ({ code: "", language: "ts" }) });
  const all = [saved("a"), saved("b"), saved("c")];
  expect(await drift.recheck(all)).toBe(false);
  expect(asked).toEqual(["time", "clock"]);
  tools = [stricter];
  expect(await drift.recheck(all)).toBe(true);
  expect(asked).toEqual(["time", "clock", "time", "clock"]);
  expect(read).toEqual(["a", "b", "c"]);
  expect(all.map((one) => drift.verdictOn(one))).toEqual([{ stale: "no" }, { stale: "no" }, { stale: "no" }]);
  expect(await drift.recheck(all)).toBe(false);
  expect(read).toHaveLength(3);
});
