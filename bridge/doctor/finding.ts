/** What one check found, and what to do about it. */
export interface Finding {
  /** What was looked at, in one word or two. */
  check: string;
  /** `skipped`: could not be looked at. Only `failed` makes the exit code 1. */
  status: "ok" | "warning" | "failed" | "skipped";
  message: string;
  /** A command, or the one thing to change. Every warning and failure has it. */
  mend?: string;
}

/** Looks at one thing. What it throws is a failure of its own. */
export interface Check {
  name: string;
  run(signal: AbortSignal): Promise<readonly Finding[]>;
}

/** A check that takes longer does not answer, which is a finding too. */
const checkMs = 15_000;

/** The findings of all checks, in the order of the checks, which run at the same time. */
export async function examine(checks: readonly Check[], signal: AbortSignal): Promise<Finding[]> {
  const found = await Promise.all(
    checks.map(async ({ name, run }): Promise<readonly Finding[]> => {
      try {
        return await run(AbortSignal.any([signal, AbortSignal.timeout(checkMs)]));
      } catch (error) {
        const message = `could not be checked: ${error instanceof Error ? error.message : String(error)}`;
        return [{ check: name, status: "failed", message, mend: "try again; then report it with this message" }];
      }
    }),
  );
  return found.flat();
}

export function ok(check: string, message: string): Finding {
  return { check, status: "ok", message };
}

export function skipped(check: string, message: string): Finding {
  return { check, status: "skipped", message };
}

export function warning(check: string, message: string, mend: string): Finding {
  return { check, status: "warning", message, mend };
}

export function failed(check: string, message: string, mend: string): Finding {
  return { check, status: "failed", message, mend };
}

/** The reason of a failure on one line: those of OpenSSL end with a break. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
