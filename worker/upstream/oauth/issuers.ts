/**
 * Whether two issuers name the same authorization server. They are compared as URLs (RFC 3986, section 6.2.3), and a slash at the end
 * makes no other server of it: half of the servers write one in one place and none in another.
 */
export function isSameIssuer(a: string, b: string): boolean {
  return normal(a) === normal(b);
}

function normal(issuer: string): string {
  return (URL.canParse(issuer) ? new URL(issuer).href : issuer).replace(/(?<!\/)\/+$/, "");
}
