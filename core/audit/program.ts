import { type ArgumentsOptions, describeArguments } from "./arguments.ts";
import type { AuditRecord } from "./record.ts";

/** What a record says of the program in an input of `execute`, as it was sent, and of its arguments. The input is untrusted. */
export function describeProgram(
  input: unknown,
  options: ArgumentsOptions,
): Pick<AuditRecord, "program" | "argumentsHash" | "arguments"> {
  if (typeof input !== "object" || input === null) return {};
  const { code, files, entrypoint, args }: Record<string, unknown> = { ...input };
  const text = typeof code === "string" && code !== "" ? code : jsonOf([files, entrypoint]);
  const argsJson = args === undefined || args === null ? undefined : jsonOf(args);
  return {
    ...(text === undefined ? {} : { program: options.sha256(text) }),
    ...(argsJson === undefined ? {} : describeArguments(argsJson, options)),
  };
}

function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    // No JSON: whoever calls in the same process can pass anything, and the run refuses it.
    return undefined;
  }
}
