import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { runtimeHelp } from "../../../core/discovery/runtime-help.ts";

test("help names every member that the module runtime declares, and every file call", () => {
  const declaration = readFileSync(new URL("../../../worker/sandbox/compiler/runtime.d.ts", import.meta.url), "utf8");
  const declared = [...declaration.matchAll(/^export (?:const|function) (\w+)/gm)].map(([, name]) => name);
  expect(runtimeHelp.tools.map(({ name }) => name)).toEqual([...new Set(declared)]);
  const [, files = ""] = /^export const files: \{\n([\s\S]*?)^\};/m.exec(declaration) ?? [];
  const calls = [...files.matchAll(/^ {2}(\w+)\(/gm)].map(([, name]) => name);
  const { signature } = runtimeHelp.tools.find(({ name }) => name === "files") ?? { signature: "" };
  expect(calls.filter((call) => !signature.includes(`${call}(`))).toEqual([]);
  expect(calls.length).toBeGreaterThan(6);
});
