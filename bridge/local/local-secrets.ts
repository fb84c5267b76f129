import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { OrchestratorError } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import { readSecrets } from "../registry/worker-secrets.ts";
import { keepSecret } from "./kept-secret.ts";
import { readTokenList, tokenListOf, tokensIn } from "./token-list.ts";

export interface SecretsOptions {
  /** Holds the storage, the logs and the generated secrets of `npm start` on one port, and what is written at each start. */
  folder: string;
  /** Files of Worker secrets; a later file overrides an earlier one. */
  secretFiles: readonly string[];
  /** AUTH_TOKEN of the user's environment, which overrides the files. */
  authToken: string | undefined;
  /** What the operator sets in the user's environment, which overrides the files too. */
  operator?: Readonly<Record<string, string>>;
  /** Lets every program of this machine in, without a token. */
  isOpen: boolean;
}

export interface LocalSecrets {
  secrets: Map<string, string>;
  /** The user has chosen AUTH_TOKEN, and may use it elsewhere too. */
  isTokenChosen: boolean;
}

/** The secrets of the user's files, and those that are generated where the files have none. */
export async function localSecrets({
  folder,
  secretFiles,
  authToken,
  operator = {},
  isOpen,
}: SecretsOptions): Promise<LocalSecrets> {
  const given = Object.entries(await readSecrets(secretFiles));
  const secrets = new Map(given.filter((entry): entry is [string, string] => Boolean(entry[1])));
  for (const [name, value] of Object.entries(operator)) secrets.set(name, value);
  if (!secrets.has("OAUTH_KEY")) secrets.set("OAUTH_KEY", await keepSecret(join(folder, "oauth.env"), "OAUTH_KEY"));
  if (!secrets.has("BRIDGE_TOKEN")) secrets.set("BRIDGE_TOKEN", randomBytes(32).toString("base64url"));
  await addNamedTokens(secrets, folder);
  if (isOpen) for (const name of identityNames) secrets.delete(name);
  const chosen = isOpen ? undefined : authToken || secrets.get("AUTH_TOKEN");
  if (!isOpen) secrets.set("AUTH_TOKEN", chosen ?? (await keepSecret(join(folder, "access.env"), "AUTH_TOKEN")));
  refuseShortToken(chosen);
  return { secrets, isTokenChosen: chosen !== undefined };
}

/** Settings of the Worker that no secret is among. */
export const operatorNames = [
  "AUDIT_ARGUMENTS",
  "SESSION_IDLE_DAYS",
  "MAX_RUN_MS",
  "MAX_CALLS_PER_RUN",
  "MAX_RESULT_BYTES",
  "APPROVALS",
  "SAVED_TOOLS",
];

/** Those of `mcp-bridge token new` are added to those of the files. A text that is no list stays as it is: the Worker says what is wrong. */
async function addNamedTokens(secrets: Map<string, string>, folder: string): Promise<void> {
  const kept = await readTokenList(tokenListOf(folder));
  const given = tokensIn(secrets.get("AUTH_TOKENS") ?? "[]");
  if (kept.length > 0 && given !== undefined) secrets.set("AUTH_TOKENS", JSON.stringify([...given, ...kept]));
}

/** What closes /mcp. */
const identityNames = ["AUTH_TOKEN", "AUTH_TOKENS", "JWT_ISSUER", "JWT_AUDIENCE", "JWT_JWKS_URL", "OAUTH_IDENTITY"];

/** The Worker would answer nobody. */
function refuseShortToken(token: string | undefined): void {
  if (token === undefined || token.length >= limits.authTokenCharsMin) return;
  throw new OrchestratorError(
    "invalid_input",
    `AUTH_TOKEN has fewer than ${limits.authTokenCharsMin} characters and could be guessed. Make one with: openssl rand -base64 32. Or leave it out: npm start makes one.`,
  );
}
