import { hasLiteralSecret, looksLikeSecret } from "./interpolation.ts";

/*
 * What is taken for a secret in another program's configuration. When in doubt it is one: a variable too many is set once, a key
 * in a registry file is committed.
 */

const anywhere = /token|secret|passw|passphrase|api[-_]?key|access[-_]?key|private[-_]?key|authori[sz]ation|credential|cookie/i;
/** Words that are part of harmless names too, such as AUTH_TYPE or KEY_PREFIX. */
const atTheEnd =
  /(?:^|[-_.])(?:auth|key|pat|pass|pwd|pw|sid|session|session[-_]?id|jwt|signature|bearer)$|[a-z](?:Key|Pwd|Auth)$/;
const secretEnd = /(?:token|secret|password|passwd|passphrase|apikey|api[-_]key)$/i;
const harmless = /^(?:true|false|yes|no|on|off|none|null|\d{1,6})$/i;

/** Whether a value is a secret because of its name: of a variable, a header, a flag or a field. */
export function isSecretByName(name: string, value: string): boolean {
  if (harmless.test(value) || isPlace(value)) return false;
  if (secretEnd.test(name)) return value.length >= 4;
  return value.length >= 8 && (anywhere.test(name) || atTheEnd.test(name) || atTheEnd.test(name.toLowerCase()));
}

/** A file or an address without a password: `--token-file /run/token`, `TOKEN_URL=https://…`. */
function isPlace(value: string): boolean {
  return /^(?:[~.]{0,2}\/|[A-Za-z]:\\)/.test(value) || (/^[a-z][a-z0-9+.-]*:\/\//i.test(value) && !hasPassword(value));
}

/** Whether a value is a secret whatever it is called. */
export function isSecretByShape(value: string): boolean {
  return looksLikeSecret(value) || hasLiteralSecret(value) || looksRandom(value) || isJwt(value) || hasPassword(value);
}

/** Long, unbroken, with letters and digits mixed: unlike any name, path, version or date that a person would write. */
export function looksRandom(value: string): boolean {
  return value.length >= 24 && /^[A-Za-z0-9_-]+$/.test(value) && (value.match(/\d/g)?.length ?? 0) >= 4 && /[A-Za-z]/.test(value);
}

function isJwt(value: string): boolean {
  return /^eyJ[\w-]+\.[\w-]+\.[\w-]*$/.test(value);
}

/** `postgres://ada:secret@host/db` */
function hasPassword(value: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:[^/\s@]+@/i.test(value);
}

/** A value of an Authorization header, wherever it stands: its scheme, with the space, and what follows. */
export function splitScheme(value: string): { scheme: string; credentials: string } | undefined {
  const [scheme] = /^(?:Bearer|Basic|Token|ApiKey|Digest|Key)\s+(?=\S)/i.exec(value) ?? [];
  return scheme === undefined ? undefined : { scheme, credentials: value.slice(scheme.length) };
}
