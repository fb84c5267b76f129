import { isRecord } from "../../core/json.ts";

/*
 * The programs write the same things in different ways. Here each way becomes the one that Claude Code uses, so that only one has to
 * be understood:
 *
 *   opencode   command: ["npx", "x"], environment, type: local | remote, timeout: { startup, request } in milliseconds
 *   Zed        command: { path, args, env }
 *   Windsurf   serverUrl
 *   Gemini     httpUrl, includeTools, excludeTools
 *   Cline      requestInit: { headers }
 *   Copilot    tools: ["*"]
 *   Claude API authorization_token
 */

/** Returns what is not an object as it is. */
export function unifiedDefinition(definition: unknown): unknown {
  if (!isRecord(definition)) return definition;
  const { command, environment, httpUrl, serverUrl, includeTools, excludeTools, disabledTools, requestInit, tools, ...rest } =
    definition;
  const { authorization_token: token, timeout, ...fields } = rest;
  const address = httpUrl ?? serverUrl;
  const headers = { ...recordIn(requestInit, "headers"), ...bearer(token), ...recordIn(fields, "headers") };
  return {
    ...fields,
    ...commandOf(command, fields),
    ...timeoutOf(timeout),
    ...(environment !== undefined && { env: { ...Object(fields.env), ...Object(environment) } }),
    ...(address !== undefined && { url: address }),
    ...(httpUrl !== undefined && fields.type === undefined && { type: "http" }),
    ...(Object.keys(headers).length > 0 && { headers }),
    ...toolLists({
      enabled: includeTools ?? (isEveryTool(tools) ? undefined : tools),
      disabled: excludeTools ?? disabledTools,
      fields,
    }),
  };
}

function commandOf(command: unknown, { args, env }: Record<string, unknown>): object {
  if (Array.isArray(command)) return { command: command[0], args: command.slice(1) };
  if (isRecord(command)) {
    return {
      command: command.path ?? command.command,
      args: command.args ?? args ?? [],
      env: { ...Object(command.env ?? {}), ...Object(env ?? {}) },
    };
  }
  return command === undefined ? {} : { command };
}

function timeoutOf(timeout: unknown): object {
  if (!isRecord(timeout)) return timeout === undefined ? {} : { timeout };
  const { startup, request } = timeout;
  return { ...(startup !== undefined && { startup_timeout_ms: startup }), ...(request !== undefined && { timeout: request }) };
}

function bearer(token: unknown): Record<string, string> {
  return typeof token === "string" && token !== "" ? { Authorization: `Bearer ${token.replace(/^Bearer\s+/i, "")}` } : {};
}

function isEveryTool(tools: unknown): boolean {
  return tools === undefined || (Array.isArray(tools) && tools.includes("*"));
}

function toolLists({
  enabled,
  disabled,
  fields,
}: {
  enabled: unknown;
  disabled: unknown;
  fields: Record<string, unknown>;
}): object {
  return {
    ...(enabled !== undefined && fields.enabled_tools === undefined && { enabled_tools: enabled }),
    ...(disabled !== undefined && fields.disabled_tools === undefined && { disabled_tools: disabled }),
  };
}

function recordIn(value: unknown, name: string): object {
  const member = isRecord(value) ? value[name] : undefined;
  return isRecord(member) ? member : {};
}
