import { createContext, runInContext } from "node:vm";

/**
 * Runs a program without protection: text can become code, and the only tool uses the built-ins as it finds them. An attack that
 * succeeds here and fails in the product is a real attack, which the product stopped.
 */
export async function runUnguarded(code: string): Promise<unknown> {
  const json: unknown = await runInContext(
    `(async () => { ${naiveClient}\nreturn await (async () => { ${code} })(); })().then(JSON.stringify)`,
    createContext(),
  );
  return typeof json === "string" ? JSON.parse(json) : json;
}

const naiveClient = `const notes = { write: async (args) => JSON.parse(JSON.stringify({ ok: true, value: "wrote " + args.text })).value };`;
