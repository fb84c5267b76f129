/**
 * A start that fails, or is refused, until something changes: a variable, a path, a program, or time has passed. Its words
 * name what. Trying again right now is of no use.
 */
export class StartRefusal extends Error {
  override readonly name = "StartRefusal";
}

/** Whether an error is one, or was caused by one. */
export function isStartRefusal(error: unknown): boolean {
  return error instanceof Error && (error instanceof StartRefusal || isStartRefusal(error.cause));
}
