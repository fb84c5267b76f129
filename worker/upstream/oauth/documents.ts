import { isRecord } from "../../../core/json.ts";
import { limits } from "../../../core/limits.ts";
import type { Fetch } from "../../../core/remote/fetch.ts";
import { cutText, withoutInvisible } from "../../../core/text.ts";

/*
 * What authorization servers answer: metadata, registrations and tokens. The specifications know no null in them, and many servers
 * write it, or "", for what they leave out.
 */

/** A document that was requested during a login, for the message when the login fails. */
interface Document {
  /** "authorization server metadata", "token answer" */
  name: string;
  address: string;
  status: number;
  /** The JSON, without what counts as absent; undefined for any other text. */
  json: unknown;
  /** The content type of what is not JSON. */
  type: string;
}

/** A fetch that reads null and "" as absent, and remembers the documents of one login. */
export class Documents {
  readonly fetch: Fetch;
  #last: Document | undefined;
  /** The protected resource metadata, where it is what the SDK cannot read: it then goes on without, and fails elsewhere. */
  #unreadable: Document | undefined;

  constructor(fetch: Fetch) {
    this.fetch = async (url, init) => {
      const response = await fetch(url, init);
      const text = await response.text();
      const name = nameOf(new URL(url), init);
      const json = withDefaults(name, withoutAbsent(parsed(text)));
      const type = response.headers.get("content-type")?.split(";")[0] ?? "no content type";
      this.#remember({ name, address: addressOf(url), status: response.status, json, type });
      const { status, statusText, headers } = response;
      const hasNoBody = status === 204 || status === 205 || status === 304;
      const body = json === undefined ? text : JSON.stringify(json);
      return new Response(hasNoBody ? null : body, { status, statusText, headers });
    };
  }

  /** What is wrong with the document that a failure is about: which it is, where, and what stood there. Reads after "has". */
  problemOf(error: unknown): string | undefined {
    const document = this.#failed();
    if (document === undefined) return undefined;
    const { name, address, status, json, type } = document;
    const where = `${name} (${address})`;
    if (status >= 400) return `${where} answered with HTTP status ${status}.`;
    if (json === undefined) return `${where} is ${type}, and not JSON.`;
    const issue = issueOf(error) ?? missingIn(document);
    if (issue === undefined) return undefined;
    const found = issue.path.reduce<unknown>(
      (value, step) => (isRecord(value) || Array.isArray(value) ? Object(value)[step] : undefined),
      json,
    );
    const stood = found === undefined ? "is missing" : `is ${shown(found)}`;
    return `${where} cannot be used: its ${issue.path.join(".") || "content"} ${stood}.`;
  }

  /** The last document. Without readable resource metadata the SDK guesses the next ones, so a failure of those is due to it. */
  #failed(): Document | undefined {
    const last = this.#last;
    const isGuessed = last !== undefined && (last.name.endsWith("metadata") || last.status >= 400);
    return isGuessed ? (this.#unreadable ?? last) : last;
  }

  #remember(document: Document): void {
    this.#last = document;
    if (document.name === resourceMetadata && document.status < 400 && missingIn(document)) this.#unreadable = document;
  }
}

/** The name of the document in which a server says where to log in to it (RFC 9728). */
export const resourceMetadata = "protected resource metadata";

function nameOf({ pathname }: URL, init: RequestInit | undefined): string {
  if (pathname.includes("/.well-known/oauth-protected-resource")) return resourceMetadata;
  if (init?.method !== "POST") return "authorization server metadata";
  return String(new Headers(init.headers).get("content-type")).includes("json") ? "registration answer" : "token answer";
}

/** The address without its query, which may have secrets. */
function addressOf(url: string | URL): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Tokens as a form, or a page: the SDK refuses it.
    return undefined;
  }
}

/** The data without members that are null or "", and without such items in lists. */
function withoutAbsent(data: unknown): unknown {
  if (Array.isArray(data)) return data.filter(isPresent).map(withoutAbsent);
  if (!isRecord(data)) return data;
  const present = Object.entries(data).filter(([, value]) => isPresent(value));
  return Object.fromEntries(present.map(([name, value]) => [name, withoutAbsent(value)]));
}

/** What every answer of the kind has, and some servers leave out. */
function withDefaults(name: string, json: unknown): unknown {
  if (!isRecord(json)) return json;
  if (name === "token answer" && "access_token" in json) return { token_type: "Bearer", ...json };
  if (name === "authorization server metadata" && "issuer" in json) return { response_types_supported: ["code"], ...json };
  return json;
}

function isPresent(value: unknown): boolean {
  return value !== null && value !== "";
}

/** The place of a validator's first complaint. */
function issueOf(error: unknown): { path: PropertyKey[] } | undefined {
  const issues = isRecord(error) && Array.isArray(error.issues) ? error.issues : [];
  const [first] = issues;
  return isRecord(first) && Array.isArray(first.path) ? { path: first.path } : undefined;
}

/** The resource metadata's one required member, which the SDK does not report. */
function missingIn({ name, json }: Document): { path: PropertyKey[] } | undefined {
  if (name !== resourceMetadata) return undefined;
  const resource = isRecord(json) ? json.resource : undefined;
  return typeof resource === "string" && URL.canParse(resource) ? undefined : { path: ["resource"] };
}

function shown(value: unknown): string {
  return withoutInvisible(cutText(JSON.stringify(value), limits.namedCharsMax));
}
