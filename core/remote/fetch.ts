/** The platform's fetch, or one that limits it. */
export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** An address that is not allowed. Nothing was sent there. The message reads after the name of the server or file that named it. */
export class AddressRefusal extends Error {
  override readonly name = "AddressRefusal";
}

/** Where a redirect points; undefined for any other answer. */
export function redirectOf({ status, headers }: Response, from: URL): URL | undefined {
  const location = headers.get("location");
  if (![301, 302, 303, 307, 308].includes(status) || location === null || !URL.canParse(location, from.href)) return undefined;
  return new URL(location, from);
}
