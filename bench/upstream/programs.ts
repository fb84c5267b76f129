import type { OpenProduct } from "../tokens/product.ts";

/** Enough for the longest program on a slow machine. */
const maxRuntimeMs = 60_000;
let written = 0;

/** Runs a program whose text the orchestrator has never seen, so that no cached check or compilation is used. */
export async function runProgram(
  call: OpenProduct["call"],
  code: string,
  { allowedMcpIds }: { allowedMcpIds?: string[] } = {},
): Promise<unknown> {
  written += 1;
  return await runSame(call, `${code}\n// ${written}`, { allowedMcpIds });
}

/** Runs a program with exactly this text. */
export async function runSame(
  call: OpenProduct["call"],
  code: string,
  { allowedMcpIds }: { allowedMcpIds?: string[] | undefined } = {},
): Promise<unknown> {
  const answer = await call("execute_mcp_code", { code, maxRuntimeMs, ...(allowedMcpIds && { allowedMcpIds }) });
  if (typeof answer === "object" && answer !== null && "ok" in answer && answer.ok === true) {
    return "result" in answer ? answer.result : undefined;
  }
  throw new Error(`a program of the bench failed: ${JSON.stringify(answer).slice(0, 1_000)}`);
}

/** `count` calls one after the other. */
export function sequence(server: string, count: number): string {
  return `let text = "";
for (let at = 0; at < ${count}; at++) text = await ${server}.echo({ message: "message " + at });
return text;`;
}

/** `count` calls at once. */
export function burst(server: string, count: number): string {
  return `const calls = Array.from({ length: ${count} }, (_, at) => ${server}.echo({ message: "message " + at }));
return (await Promise.all(calls)).at(-1);`;
}

/** `count` calls, each with the answer of the previous one as its argument. */
export function chain(server: string, count: number): string {
  return `let text = "start";
for (let at = 0; at < ${count}; at++) text = await ${server}.echo({ message: text.slice(-20) + at });
return text;`;
}

/** One call of that chain, as a model would write it after reading the previous answer. */
export function link(server: string, { text, at }: { text: string; at: number }): string {
  return `return await ${server}.echo({ message: ${JSON.stringify(text.slice(-20) + at)} });`;
}
