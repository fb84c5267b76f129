import type { OpenProduct } from "../tokens/product.ts";

/** As long as the longest of them takes on a slow machine. */
const maxRuntimeMs = 60_000;
let written = 0;

/** Runs a program that the orchestrator has never seen, so that nothing of an earlier check or compilation serves it. */
export async function runProgram(
  call: OpenProduct["call"],
  code: string,
  { allowedMcpIds }: { allowedMcpIds?: string[] } = {},
): Promise<unknown> {
  written += 1;
  const answer = await call("execute_mcp_code", {
    code: `${code}\n// ${written}`,
    maxRuntimeMs,
    ...(allowedMcpIds && { allowedMcpIds }),
  });
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

/** Each call is made with the answer of the one before. */
export function chain(server: string, count: number): string {
  return `let text = "start";
for (let at = 0; at < ${count}; at++) text = await ${server}.echo({ message: text.slice(-20) + at });
return text;`;
}

/** One link of that chain, as a model that had read the last answer would write it. */
export function link(server: string, { text, at }: { text: string; at: number }): string {
  return `return await ${server}.echo({ message: ${JSON.stringify(text.slice(-20) + at)} });`;
}
