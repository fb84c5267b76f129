import { z } from "zod";
import { isDeeperJson } from "../json.ts";
import { limits } from "../limits.ts";
import { isNameOfSecret, type Redact, redactValue } from "../registry/redaction.ts";
import { auditLimits } from "./audit-limits.ts";
import type { AuditRecord } from "./record.ts";

/** How much of the arguments is recorded: nothing, their hash, or their hash and themselves without secrets. */
export const ArgumentsMode = z.enum(["none", "hash", "full"]);
export type ArgumentsMode = z.infer<typeof ArgumentsMode>;

export interface ArgumentsOptions {
  mode: ArgumentsMode;
  /** As 64 hexadecimal digits. */
  sha256: (text: string) => string;
  /** Hides the secrets that are known now; undefined when there are none. */
  redact: () => Redact | undefined;
}

/** What a record says of arguments. Untrusted text, which may be no JSON at all. */
export function describeArguments(
  json: string,
  { mode, sha256, redact }: ArgumentsOptions,
): Pick<AuditRecord, "argumentsHash" | "arguments"> {
  if (mode === "none") return {};
  const argumentsHash = `sha256:${sha256(json)}`;
  return mode === "hash" ? { argumentsHash } : { argumentsHash, arguments: withoutSecrets(json, redact()) };
}

/** The data, in which fields that are named like secrets and values that are known as secrets are replaced. */
function withoutSecrets(json: string, redact: Redact = (text) => text): unknown {
  if (json.length > auditLimits.argumentsCharsMax) return `[${json.length} characters]`;
  if (isDeeperJson(json, limits.argumentsDepthMax)) return `[deeper than ${limits.argumentsDepthMax} levels]`;
  try {
    return JSON.parse(json, function hide(this: unknown, key: string, value: unknown) {
      // A list's items have its indices as keys.
      if (!Array.isArray(this) && isNameOfSecret(key) && value !== null && typeof value !== "boolean") return "[hidden]";
      // A secret of digits alone: nobody calculates with a record.
      if (typeof value === "number" && redact(String(value)) !== String(value)) return redact(String(value));
      return redactValue(value, redact);
    });
  } catch {
    // The gate refuses it, and says so in the same record.
    return "[no JSON]";
  }
}
