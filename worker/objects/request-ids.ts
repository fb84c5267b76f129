/** Under which a request is found in logs and in the audit, and the run that it started. */
export interface RequestIds {
  requestId?: string | undefined;
  run?: string | undefined;
}

/** A failed answer with what its reader needs to ask the operator about it. */
export function withRequestIds<A extends object>(answer: A, { requestId, run }: RequestIds): A & RequestIds {
  if (!("ok" in answer) || answer.ok !== false) return answer;
  return { ...answer, ...(requestId === undefined ? {} : { requestId }), ...(run === undefined ? {} : { run }) };
}
