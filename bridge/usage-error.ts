/** The command line is wrong. Printed with a usage; exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  /** What is right; undefined for the command's own usage. */
  readonly usage: string | undefined;

  constructor(message: string, { usage, ...options }: ErrorOptions & { usage?: string } = {}) {
    super(message, options);
    this.usage = usage;
  }
}
