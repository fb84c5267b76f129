import { afterEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../bridge/clock.ts";
import type { StdioEntry } from "../../../bridge/stdio/launch.ts";
import { createStdioServers, type StdioServers } from "../../../bridge/stdio/servers.ts";
import type { BridgeServer } from "../../../core/tunnel/frames.ts";
import { failureOf } from "../../support/failure.ts";
import { projectRoot } from "../../support/project-root.ts";
import { misbehaving, stdioEntry } from "../../support/stdio-entries.ts";

/* A secret that a server is started with must reach neither the model nor a log, even if the server repeats it. */

const secret = 'ghp_s3cret"\\of Ada';
const patient = { signal: new AbortController().signal, timeoutMs: 20_000 };

let pool: StdioServers | undefined;
afterEach(async () => {
  await pool?.close();
  pool = undefined;
});

function open({ mcp: { command, args } }: StdioEntry) {
  const statuses: BridgeServer[] = [];
  pool = createStdioServers({
    servers: [stdioEntry({ command, args, env: { API_TOKEN: "${env:ADA_TOKEN}" } })],
    registryPath: "registry.json",
    environment: (name) => (name === "ADA_TOKEN" ? secret : process.env[name]),
    projectRoot,
    clock: systemClock,
    onStatus: (server) => statuses.push(server),
  });
  return { pool, statuses };
}

const textOf = (value: unknown) => JSON.stringify(value);
const inJson = JSON.stringify(secret).slice(1, -1);

describe("a server that repeats its secret", () => {
  test("in its list of tools has it redacted", async () => {
    const tools = await open(misbehaving("reveals")).pool.listTools("subject", patient);

    expect(tools[0]?.description).toBe("Uses [secret ADA_TOKEN].");
  });

  test("in a result has it redacted, and nothing else is changed", async () => {
    const result = await open(misbehaving("reveals")).pool.callTool("subject", { tool: "answer", args: {} }, patient);

    expect(result.content).toEqual([{ type: "text", text: "Authorization: Bearer [secret ADA_TOKEN]" }]);
    expect(result.structuredContent).toEqual({ nested: [{ key: "[secret ADA_TOKEN]", count: 12345678 }] });
  });

  test("in a refusal has it redacted", async () => {
    const failure = await failureOf(open(misbehaving("reveals")).pool.callTool("subject", { tool: "refuse", args: {} }, patient));

    expect(failure.message).toContain("the key [secret ADA_TOKEN] is not valid");
  });

  test("in its last output has it redacted, in the error and in its status", { tags: ["secrets"] }, async () => {
    const { pool, statuses } = open(misbehaving("reveals"));
    const failure = await failureOf(pool.callTool("subject", { tool: "crash", args: {} }, patient));

    expect(failure.message).toContain("dying with [secret ADA_TOKEN]");
    expect(failure.message).toContain("not JSON: [secret ADA_TOKEN]");
    for (const said of [failure.message, textOf(statuses), textOf(pool.status())]) {
      expect(said).not.toContain(secret);
      expect(said).not.toContain(inJson);
    }
  });

  test("by printing its environment has it redacted: the program sees the variable's name", async () => {
    const { pool } = open(stdioEntry({ command: "mcp-server-everything" }));
    const result = await pool.callTool("subject", { tool: "get-env", args: {} }, patient);

    expect(textOf(result)).toContain("[secret ADA_TOKEN]");
    expect(textOf(result)).not.toContain("s3cret");
  });
});
