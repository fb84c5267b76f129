import { readExecuteInput } from "../discovery/input.ts";
import { type PublicError, toPublicError } from "../errors.ts";
import { RefusedProgram } from "../program/reader.ts";
import { allowedServers } from "../registry/allow-list.ts";
import { type PrepareParts, prepare } from "./prepare.ts";

/** Reads and type-checks a program as a run would, and runs nothing. Returns what a run would refuse; never rejects. */
export async function check(parts: PrepareParts, given: unknown, signal: AbortSignal): Promise<PublicError[]> {
  try {
    const input = readExecuteInput(given);
    const allowed = allowedServers(parts.servers, input.allowedMcpIds);
    await prepare(parts, { input, allowed, options: { signal, onProgress: () => {} } });
    return [];
  } catch (error) {
    return error instanceof RefusedProgram ? error.errors : [toPublicError(error)];
  }
}
