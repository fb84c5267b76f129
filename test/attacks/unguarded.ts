import { createContext, runInContext } from "node:vm";

/**
 * Runs a program where nothing guards against it: text becomes code, and the one tool uses the language's built-ins as it
 * finds them. What fails in the product and succeeds here was stopped there, and did not merely fall short.
 */
export async function runUnguarded(code: string): Promise<unknown> {
  const json: unknown = await runInContext(
    `(async () => { ${naiveClient}\nreturn await (async () => { ${code} })(); })().then(JSON.stringify)`,
    createContext(),
  );
  return typeof json === "string" ? JSON.parse(json) : json;
}

const naiveClient = `const notes = { write: async (args) => JSON.parse(JSON.stringify({ ok: true, value: "wrote " + args.text })).value };`;
