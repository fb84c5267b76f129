import { z } from "zod";
import { limits } from "../core/limits.ts";
import { isLoopback } from "../core/loopback.ts";
import { Scope } from "./scopes.ts";

/** The variables and secrets that say who may call. docs/deploy.md has each with an example. */
export interface IdentityVariables {
  /** The owner's token for /mcp and /metrics. */
  AUTH_TOKEN?: string;
  /** Tokens of others, as JSON: `[{ "name", "sha256", "scopes", "until"? }]`. */
  AUTH_TOKENS?: string;
  /** The token for /bridge. */
  BRIDGE_TOKEN?: string;
  /** Lets in JWTs of this issuer. */
  JWT_ISSUER?: string;
  /** The audience that a JWT must name. */
  JWT_AUDIENCE?: string;
  /** Where the issuer publishes its keys: an https address. */
  JWT_JWKS_URL?: string;
  /** The claim with the scopes; `scope` when not set. */
  JWT_SCOPES_CLAIM?: string;
  /** Where this orchestrator is reached, such as https://mcp.example.com. */
  PUBLIC_URL?: string;
  /** Lets MCP clients log in by OAuth: how people say who they are, `passphrase`, `access` or `oidc`. */
  OAUTH_IDENTITY?: string;
  /** With `passphrase`: the owner's, of 16 characters or more. */
  OAUTH_PASSPHRASE?: string;
  /** With `access`: the team's host at Cloudflare Access, such as team.cloudflareaccess.com. */
  ACCESS_TEAM?: string;
  /** With `access`: the audience tag of the application. */
  ACCESS_AUDIENCE?: string;
  /** With `oidc`: the provider. */
  OIDC_ISSUER?: string;
  /** With `oidc`: what this orchestrator is called at the provider. */
  OIDC_CLIENT_ID?: string;
  /** With `oidc`: its secret there, if it has one. */
  OIDC_CLIENT_SECRET?: string;
  /** With `oidc`: who may log in, separated by commas: addresses of e-mail, `@domain`, subjects. */
  OIDC_ALLOW?: string;
  /** Keeps what OAuth clients were granted. */
  OAUTH_KV?: unknown;
}

const NamedToken = z.strictObject({
  name: z.string().regex(/^[\w.@-]{1,64}$/, "1 to 64 letters, digits, . @ - and _"),
  sha256: z.string().regex(/^[0-9a-fA-F]{64}$/, "the SHA-256 of the token in 64 hexadecimal digits"),
  scopes: z.array(Scope).min(1),
  /** The moment at which it expires; a date is its midnight in UTC. */
  until: z.iso
    .date()
    .or(z.iso.datetime({ offset: true }))
    .transform((text) => Date.parse(text))
    .optional(),
});
export type NamedToken = z.infer<typeof NamedToken>;

export interface JwtSettings {
  issuer: string;
  audience: string;
  jwksUrl: string;
  scopesClaim: string;
}

export type LoginIdentity =
  | { kind: "passphrase"; passphrase: string }
  | { kind: "access"; team: string; audience: string }
  | { kind: "oidc"; issuer: string; clientId: string; clientSecret: string | undefined; allow: readonly string[] };

export interface IdentitySettings {
  authToken: string | undefined;
  bridgeToken: string | undefined;
  namedTokens: readonly NamedToken[];
  jwt: JwtSettings | undefined;
  /** How people log in for OAuth clients; undefined where OAuth is off. */
  login: LoginIdentity | undefined;
  publicOrigin: string | undefined;
  /** What is wrong, each a sentence that names the variable. With one of them nobody gets in. */
  problems: readonly string[];
}

/** Collects the problems of all settings, so that the operator sees them at once. */
class Reader {
  readonly problems: string[] = [];
  readonly #variables: IdentityVariables;

  constructor(variables: IdentityVariables) {
    this.#variables = variables;
  }

  text(name: Exclude<keyof IdentityVariables, "OAUTH_KV">): string | undefined {
    return this.#variables[name]?.trim() || undefined;
  }

  /** @param forWhat what is switched on without it */
  required(name: Exclude<keyof IdentityVariables, "OAUTH_KV">, forWhat: string): string {
    const value = this.text(name);
    if (value === undefined) this.problems.push(`${name} is not set, which ${forWhat} needs.`);
    return value ?? "";
  }

  /** An address that no one on the way can replace: https, or this machine. */
  address(name: Exclude<keyof IdentityVariables, "OAUTH_KV">, value: string): void {
    if (value !== "" && !isSafeUrl(value)) this.problems.push(`${name} is "${value.slice(0, 100)}"; it must be an https URL.`);
  }
}

export function readIdentity(variables: IdentityVariables): IdentitySettings {
  const reader = new Reader(variables);
  const authToken = reader.text("AUTH_TOKEN");
  if (authToken !== undefined && authToken.length < limits.authTokenCharsMin) reader.problems.push(shortToken);
  return {
    authToken,
    bridgeToken: reader.text("BRIDGE_TOKEN"),
    namedTokens: readNamedTokens(reader),
    jwt: readJwt(reader),
    login: readLogin(reader, variables),
    publicOrigin: readPublicOrigin(reader),
    problems: reader.problems,
  };
}

/** Length of the passphrase that a person types: a slow guesser must not find it. */
const passphraseCharsMin = 16;

const shortToken = `AUTH_TOKEN has fewer than ${limits.authTokenCharsMin} characters and could be guessed. Make one with: openssl rand -base64 32`;

function readNamedTokens(reader: Reader): NamedToken[] {
  const text = reader.text("AUTH_TOKENS");
  if (text === undefined) return [];
  const parsed = z.array(NamedToken).safeParse(jsonOf(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    reader.problems.push(`AUTH_TOKENS is not a list of tokens: ${issue?.path.join(".") || "the text"}: ${issue?.message}.`);
    return [];
  }
  const names = parsed.data.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) reader.problems.push(`AUTH_TOKENS has two tokens with the name ${twice}.`);
  return parsed.data;
}

function readJwt(reader: Reader): JwtSettings | undefined {
  const names = ["JWT_ISSUER", "JWT_AUDIENCE", "JWT_JWKS_URL"] as const;
  if (names.every((name) => reader.text(name) === undefined)) return undefined;
  const [issuer, audience, jwksUrl] = names.map((name) => reader.required(name, "JWT"));
  reader.address("JWT_JWKS_URL", jwksUrl ?? "");
  return {
    issuer: issuer ?? "",
    audience: audience ?? "",
    jwksUrl: jwksUrl ?? "",
    scopesClaim: reader.text("JWT_SCOPES_CLAIM") ?? "scope",
  };
}

function readLogin(reader: Reader, { OAUTH_KV }: IdentityVariables): LoginIdentity | undefined {
  const kind = reader.text("OAUTH_IDENTITY");
  if (kind === undefined) return undefined;
  reader.required("PUBLIC_URL", "OAUTH_IDENTITY");
  if (OAUTH_KV === undefined) reader.problems.push("OAUTH_IDENTITY needs the KV binding OAUTH_KV in wrangler.toml.");
  switch (kind) {
    case "passphrase": {
      const passphrase = reader.required("OAUTH_PASSPHRASE", "OAUTH_IDENTITY=passphrase");
      if (passphrase.length < passphraseCharsMin) {
        reader.problems.push(`OAUTH_PASSPHRASE must have at least ${passphraseCharsMin} characters.`);
      }
      return { kind, passphrase };
    }
    case "access":
      return {
        kind,
        team: reader.required("ACCESS_TEAM", "OAUTH_IDENTITY=access").replace(/^https:\/\/|\/+$/g, ""),
        audience: reader.required("ACCESS_AUDIENCE", "OAUTH_IDENTITY=access"),
      };
    case "oidc": {
      const issuer = reader.required("OIDC_ISSUER", "OAUTH_IDENTITY=oidc");
      reader.address("OIDC_ISSUER", issuer);
      const allow = reader.required("OIDC_ALLOW", "OAUTH_IDENTITY=oidc").split(",");
      return {
        kind,
        issuer,
        clientId: reader.required("OIDC_CLIENT_ID", "OAUTH_IDENTITY=oidc"),
        clientSecret: reader.text("OIDC_CLIENT_SECRET"),
        allow: allow.map((who) => who.trim()).filter((who) => who !== ""),
      };
    }
    default:
      reader.problems.push(`OAUTH_IDENTITY is "${kind.slice(0, 40)}"; it must be access, oidc or passphrase.`);
      return undefined;
  }
}

function readPublicOrigin(reader: Reader): string | undefined {
  const text = reader.text("PUBLIC_URL");
  if (text === undefined) return undefined;
  reader.address("PUBLIC_URL", text);
  return URL.canParse(text) ? new URL(text).origin : undefined;
}

function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === "https:" || (protocol === "http:" && isLoopback(hostname));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Reported by the schema, which takes only lists.
    return undefined;
  }
}
