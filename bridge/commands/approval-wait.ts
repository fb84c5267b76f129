import { setTimeout as delay } from "node:timers/promises";
import { OrchestratorError, type PublicError } from "../../core/errors.ts";
import { oneLine } from "../../core/text.ts";
import type { World } from "./command.ts";

/** Between two looks at a run that waits. */
const lookMs = 1_000;

interface Answer {
  errors: readonly PublicError[];
}

/**
 * Says where a person decides about the calls of a run that waits and, in a terminal, goes on with it until it has ended.
 * @param resume answers what has become of the run
 * @throws OrchestratorError `cancelled` when the world ends meanwhile
 */
export async function untilDecided<A extends Answer>(
  first: A,
  { world, resume }: { world: World; resume: (token: string) => Promise<A> },
): Promise<A> {
  let answer = first;
  let told = "";
  for (;;) {
    const waiting = waitingIn(answer);
    if (waiting === undefined) return answer;
    const text = toldOf(waiting);
    if (text !== told) world.writeStderr(text);
    told = text;
    if (!world.isTerminal) return answer;
    await pause(world.signal);
    answer = await resume(waiting.token);
  }
}

type Waiting = Pick<PublicError, "url" | "calls"> & { token: string };

function waitingIn({ errors: [error] }: Answer): Waiting | undefined {
  return error?.code === "approval_required" && error.token !== undefined ? { ...error, token: error.token } : undefined;
}

function toldOf({ url, calls = [] }: Waiting): string {
  const lines = calls.map(
    ({ server, tool, args = "", count }) => `  ${server}.${tool} ${count === undefined ? args : `(${count} calls)`}`,
  );
  const command = url === undefined ? "list" : `allow ${url.split("/").at(-1)}`;
  const where = `${url === undefined ? "" : `at ${url} or `}with mcp-bridge approvals ${command}`;
  return `Waiting for a person to decide ${where}\n${lines.map((line) => `${oneLine(line)}\n`).join("")}`;
}

async function pause(signal: AbortSignal): Promise<void> {
  try {
    await delay(lookMs, undefined, { signal });
  } catch (cause) {
    throw new OrchestratorError("cancelled", "The run was left; its calls still wait for a person.", { cause });
  }
}
