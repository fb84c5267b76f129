/** What is known of the client that lists or describes. */
export interface AskOptions {
  origin?: string;
  requestId?: string | undefined;
}

/** How an answer is recorded. */
export function answered(answer: object, { startedAt, requestId }: AskOptions & { startedAt: number }) {
  const error = "errors" in answer && Array.isArray(answer.errors) ? answer.errors[0] : undefined;
  const failed = error === undefined ? {} : { outcome: "failed" as const, code: String(error.code) };
  return { startedAt, requestId, ...failed };
}

/** The id that was described; untrusted, and cut where it is written. */
export function serverIn(input: unknown): string | undefined {
  const id = typeof input === "object" && input !== null && "id" in input ? input.id : undefined;
  return typeof id === "string" ? id : undefined;
}
