import { createHash } from "node:crypto";

/** The principal of AUTH_TOKEN, BRIDGE_TOKEN, the passphrase and of callers on this machine. */
export const owner = "owner";

/** A person or a program that is not the owner: the same for the same issuer and subject, and never `owner`. */
export function principalOf({ issuer, subject }: { issuer: string; subject: string }): string {
  const hash = createHash("sha256")
    .update(JSON.stringify([issuer, subject]))
    .digest("base64url");
  return `u_${hash.slice(0, 22)}`;
}

/** The issuer of the tokens in AUTH_TOKENS. */
export const tokenIssuer = "token";

/** Whether the registry calls the principal so: core/registry/tool-rules.ts has the forms of its names. */
export function isCalled(name: string, { principal, jwtIssuer }: { principal: string; jwtIssuer: string | undefined }): boolean {
  const [, kind, subject = ""] = /^(token|jwt|binding):(.+)$/.exec(name) ?? [];
  switch (kind) {
    case "token":
      return principal === principalOf({ issuer: tokenIssuer, subject });
    case "jwt":
      return jwtIssuer !== undefined && principal === principalOf({ issuer: jwtIssuer, subject });
    case "binding":
      return principal === subject;
    default:
      return principal === name;
  }
}
