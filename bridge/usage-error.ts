/** The command line itself is wrong: shown with the usage of the command, exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
