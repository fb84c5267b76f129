import { type Finding, failed, ok, oneLine, skipped, warning } from "./finding.ts";

export type Answer =
  | { kind: "answered"; status: number; headers: Headers; text: string }
  /** No connection, or no certificate that is trusted. */
  | { kind: "failed"; why: string };

interface GetOptions {
  signal: AbortSignal;
  token?: string | undefined;
  method?: "GET" | "POST";
  body?: string;
}

/** What is read of an answer: enough for its own documents, and bounded, because anything may answer. */
const answerCharsMax = 65_536;

/** Redirects are not followed: the address is to answer by itself, and the token goes nowhere else. */
export async function get(url: URL, { signal, token, method = "GET", body }: GetOptions): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method,
      redirect: "manual",
      signal,
      headers: {
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "Content-Type": "application/json", Accept: "application/json, text/event-stream" }),
      },
      ...(body !== undefined && { body }),
    });
    return { kind: "answered", status: response.status, headers: response.headers, text: await startOf(response) };
  } catch (error) {
    return { kind: "failed", why: oneLine(reasonOf(error)) };
  }
}

async function startOf(response: Response): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > answerCharsMax) break;
  }
  return text;
}

/** The reason of a failed `fetch` is in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof Error) return cause.message || ("code" in cause ? String(cause.code) : error.message);
  return error.name === "TimeoutError" ? "no answer in time" : error.message;
}

/** What a client sends first, small and without consequence. */
export const listTools = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list", params: {} });

interface TokenOptions {
  token: string | undefined;
  /** Ours. */
  version: string;
  signal: AbortSignal;
  /** The command that makes the running version ours. */
  restart: string;
}

/** Whether a token opens `/mcp`, and what `/metrics` says of the version and the registry there. */
export async function tokenFindings(url: URL, { token, version, signal, restart }: TokenOptions): Promise<Finding[]> {
  const listed = await get(new URL("/mcp", url), { signal, token, method: "POST", body: listTools });
  if (listed.kind === "failed") return [skipped("token", `/mcp does not answer: ${listed.why}`)];
  if (listed.status === 401 || listed.status === 403) {
    const mend = "AUTH_TOKEN=… mcp-bridge doctor, with the token of this orchestrator";
    return [
      token === undefined
        ? skipped("token", "no token is known here, so what needs one was not looked at: set AUTH_TOKEN")
        : failed("token", "the token is refused.", mend),
    ];
  }
  if (listed.status !== 200) return [failed("token", `/mcp answers ${listed.status}: ${messageOf(listed.text)}`, restart)];
  const opened = token === undefined ? ok("token", "none is needed") : ok("token", "opens /mcp");
  const metrics = await get(new URL("/metrics", url), { signal, token });
  if (metrics.kind === "failed" || metrics.status !== 200) {
    return [opened, skipped("version", "this token has no scope mcp:admin, which /metrics needs")];
  }
  return [opened, ...versionFindings(metrics.text, { version, restart })];
}

function versionFindings(metrics: string, { version, restart }: { version: string; restart: string }): Finding[] {
  const running = /^mcp_orchestrator_info\{.*version="([^"]+)"/m.exec(metrics)?.[1];
  const problems = Number(/^mcp_orchestrator_registry_problems (\d+)/m.exec(metrics)?.[1] ?? 0);
  return [
    running === version
      ? ok("version", version)
      : warning("version", `it runs ${running ?? "an unknown version"}, and this is ${version}.`, restart),
    problems === 0
      ? ok("registry there", "no problems")
      : failed("registry there", `problems in the Worker's registry: ${problems}.`, `npx mcp-bridge list, then ${restart}`),
  ];
}

/** Of a JSON-RPC error, or of a page. */
export function messageOf(text: string): string {
  try {
    const { error }: { error?: { message?: string } } = JSON.parse(text);
    if (typeof error?.message === "string") return error.message.slice(0, 300);
  } catch {
    // No JSON: the beginning of the text says what it is.
  }
  return text.trim().slice(0, 100);
}
