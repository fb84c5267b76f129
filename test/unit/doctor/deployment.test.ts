import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { findFreePort } from "../../../bridge/local/free-port.ts";
import { runBridge } from "../../support/command-line.ts";
import { startHttpsServer } from "../../support/https-server.ts";
import { projectRoot } from "../../support/project-root.ts";

/* mcp-bridge doctor, where there is no orchestrator. How it looks at a running one: test/e2e/local-token.test.ts. */

const doctor = (args: string[], environment: Record<string, string> = {}) =>
  runBridge(["doctor", "--json", ...args], { folder: projectRoot, environment });

interface Finding {
  check: string;
  status: string;
  message: string;
  mend?: string;
}

const read = (out: string, check: string): Finding | undefined =>
  (JSON.parse(out) as Finding[]).find((finding) => finding.check === check);

test("an address that is not encrypted is not even asked", { tags: ["doctor"] }, async () => {
  const { code, out } = await doctor(["--url", "http://mcp.example.invalid"], { AUTH_TOKEN: "x".repeat(40) });
  expect(code).toBe(1);
  expect(JSON.parse(out)).toEqual([expect.objectContaining({ check: "https", status: "failed", mend: "use its https address" })]);
});

test("a wrong command line prints the usage", async () => {
  expect(await doctor(["--url", "mcp.example.com"])).toMatchObject({ code: 2, err: expect.stringContaining("--url") });
  expect(await doctor([], { PORT: "many" })).toMatchObject({ code: 2 });
});

test("nothing there, and a certificate that nobody trusts, are named", { tags: ["doctor"] }, async () => {
  const nothing = await doctor(["--url", `https://127.0.0.1:${await findFreePort()}`]);
  expect(nothing.code).toBe(1);
  expect(read(nothing.out, "alive")).toMatchObject({ status: "failed", message: expect.stringContaining("ECONNREFUSED") });
  expect(read(nothing.out, "closed")).toMatchObject({ status: "skipped" });

  await using stranger = await startHttpsServer((_request, response) => response.end("ok\n"));
  const { code, out } = await doctor(["--url", stranger.url]);
  expect(code).toBe(1);
  expect(read(out, "https")).toMatchObject({ status: "failed", message: expect.stringMatching(/self.signed/) });
});

test("another program at the address, or on the port, is not taken for an orchestrator", { tags: ["doctor"] }, async () => {
  const server = createServer((_request, response) => response.end("<h1>Hello</h1>")).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  try {
    const there = await doctor(["--url", `http://127.0.0.1:${port}`]);
    expect(there.code).toBe(1);
    expect(read(there.out, "alive")).toMatchObject({ status: "failed", message: expect.stringContaining("no orchestrator") });
    const encrypted = await doctor(["--url", `https://127.0.0.1:${port}`]);
    expect(read(encrypted.out, "https")).toMatchObject({ status: "failed", message: expect.not.stringContaining("\n") });
    const here = await doctor([], { PORT: String(port) });
    expect(here.code).toBe(1);
    expect(read(here.out, "port")).toMatchObject({ status: "failed", mend: expect.stringMatching(/^PORT=\d+ npm start$/) });
  } finally {
    server.close();
  }
});

test("a machine in order exits with 0 and has the running programs' versions", { tags: ["doctor"] }, async () => {
  const { code, out } = await doctor([], { PORT: String(await findFreePort()), GITHUB_TOKEN: "x" });
  expect(JSON.parse(out).filter(({ status }: Finding) => status === "failed")).toEqual([]);
  expect(code).toBe(0);
  expect(read(out, "node")).toMatchObject({ message: process.versions.node });
  expect(read(out, "workerd")).toMatchObject({ message: expect.stringMatching(/^workerd \d{4}-/) });
  expect(read(out, "port")).toMatchObject({ status: "ok", message: expect.stringContaining("is free") });
});
