import { limits } from "../limits.ts";
import { refusal } from "../policy/rules.ts";

/** What the operator allows every run, whatever its caller or the registry says. Left out: no less than the product itself allows. */
export interface OperatorBounds {
  runMs?: number | undefined;
  callsPerRun?: number | undefined;
  resultBytes?: number | undefined;
}

/** The most that `maxRuntimeMs` can be here. */
export function runMsMaxOf({ runMs }: OperatorBounds): number {
  return Math.min(limits.runMsMax, runMs ?? limits.runMsMax);
}

/**
 * Counts the calls of one run, whatever servers they are for.
 * @throws OrchestratorError `too_many_calls` for one more than the operator allows
 */
export function createCallCount({ callsPerRun }: OperatorBounds): () => void {
  let made = 0;
  return () => {
    made += 1;
    if (callsPerRun === undefined || made <= callsPerRun) return;
    const message = `The operator of this orchestrator allows a run ${callsPerRun} calls (MAX_CALLS_PER_RUN); this was one more. Split the work over several runs.`;
    throw refusal({ rule: "MAX_CALLS_PER_RUN", limit: callsPerRun }, { message });
  };
}

/** @throws OrchestratorError `output_limit` for a result that is larger than the operator allows */
export function refuseLargeResult(json: string, { resultBytes }: OperatorBounds): void {
  // A character has three bytes at most, as UTF-8 of a UTF-16 unit.
  if (resultBytes === undefined || json.length * 3 <= resultBytes) return;
  if (new TextEncoder().encode(json).length <= resultBytes) return;
  const message = `The result has more than the ${resultBytes} bytes of JSON that the operator of this orchestrator allows (MAX_RESULT_BYTES). Return less, or keep parts with session.set().`;
  throw refusal({ rule: "MAX_RESULT_BYTES", limit: resultBytes }, { message });
}
