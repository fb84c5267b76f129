/**
 * The server cannot be started until something changes: a variable, a path, an installed program, or enough time has passed. The
 * message says what. Retrying at once does not help.
 */
export class StartRefusal extends Error {
  override readonly name = "StartRefusal";
}

/** Whether the error or one of its causes is a StartRefusal. */
export function isStartRefusal(error: unknown): boolean {
  return error instanceof Error && (error instanceof StartRefusal || isStartRefusal(error.cause));
}
