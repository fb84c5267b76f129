/** `${env:NAME}` or `${env:NAME:-default}`. */
const reference = /\$\{env:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

/**
 * The orchestrator's own secrets and bindings: no server gets them, whatever its entry says. In any case of letters, because Windows finds
 * a variable by each.
 */
const reserved = /^(?:(?:AUTH|JWT)_\w+|OAUTH_KEY|OAUTH_PASSPHRASE|OIDC_CLIENT_SECRET|BRIDGE_TOKEN|SANDBOX_HOST)$/i;

/** Whether a name belongs to the orchestrator itself, so that `${env:NAME}` never resolves to it. */
export function isReserved(name: string): boolean {
  return reserved.test(name);
}

/** The reserved names that a text refers to. */
export function reservedIn(text: string): string[] {
  return [...text.matchAll(reference)].flatMap(([, name]) => (name !== undefined && isReserved(name) ? [name] : []));
}

/** Looks up a name in the Worker's secrets or the bridge's environment. */
export type Environment = (name: string) => string | undefined;

/**
 * Fills in environment references. Only called when a server is connected to, so that a registry in memory never holds a secret.
 * Names that are not set and have no default are listed in `missing` and empty in `value`.
 */
export function interpolate(text: string, environment: Environment): { value: string; missing: string[] } {
  const missing: string[] = [];
  const value = text.replace(reference, (_whole, name: string, fallback: string | undefined) => {
    const found = isReserved(name) ? undefined : environment(name);
    if (found !== undefined && found !== "") return found;
    if (fallback === undefined) missing.push(name);
    return fallback ?? "";
  });
  return { value, missing };
}

/** The same for a record of strings, such as headers or a child's environment. */
export function interpolateRecord(
  record: Record<string, string>,
  environment: Environment,
): { value: Record<string, string>; missing: string[] } {
  const missing: string[] = [];
  const value: Record<string, string> = {};
  for (const [key, text] of Object.entries(record)) {
    const filled = interpolate(text, environment);
    value[key] = filled.value;
    missing.push(...filled.missing);
  }
  return { value, missing };
}

const secretName = /token|secret|password|passwd|api[-_]?key|authorization|credential/i;
const secretStart = "(?:gh[pousr]_|github_pat_|sk-|xox[abprs]-|AKIA|AIza|glpat-|ntn_|secret_)";
const secretValue = new RegExp(`^(?:Bearer\\s+)?${secretStart}`);
/** A secret inside an argument or a URL: `--api-key=…`, `?token=…`, or a value that starts like a well-known kind of key. */
const secretInside = new RegExp(`(?:^|[=:@\\s])${secretStart}|(?:${secretName.source})[\\w-]*=[^&\\s./][^&\\s]{7,}`, "i");

/** Whether a value starts like a well-known kind of key. */
export function looksLikeSecret(value: string): boolean {
  return secretValue.test(value);
}

/** Names of the fields that hold a secret as plain text, where a `${env:NAME}` reference belongs. */
export function findLiteralSecrets(record: Record<string, string>): string[] {
  return Object.entries(record)
    .filter(
      ([name, value]) => !value.includes("${env:") && (secretValue.test(value) || (secretName.test(name) && value.length >= 8)),
    )
    .map(([name]) => name);
}

/** The same for text without a field name: an argument of a command, a URL. */
export function hasLiteralSecret(text: string): boolean {
  return !text.includes("${env:") && secretInside.test(text);
}
