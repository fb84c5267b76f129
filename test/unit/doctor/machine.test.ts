import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { certificatesCheck } from "../../../bridge/doctor/certificates.ts";
import { deploySettingsCheck } from "../../../bridge/doctor/deploy-settings.ts";
import { type Check, examine } from "../../../bridge/doctor/finding.ts";
import { commandsCheck, nodeCheck } from "../../../bridge/doctor/programs.ts";
import { filesCheck, secretsCheck, variablesCheck } from "../../../bridge/doctor/secrets.ts";
import { parseRegistry } from "../../../core/registry/registry.ts";
import { startHttpsServer } from "../../support/https-server.ts";
import { projectRoot } from "../../support/project-root.ts";

/* What mcp-bridge doctor finds on a machine: each check in good health, and with what can be wrong. */

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "doctor-"));
});
afterEach(() => rm(folder, { recursive: true }));

const { signal } = new AbortController();

/** `status check: message -> mend` */
async function found(check: Check): Promise<string[]> {
  const findings = await examine([check], signal);
  for (const { status, mend } of findings) expect(mend !== undefined).toBe(status === "failed" || status === "warning");
  return findings.map(({ status, check: name, message, mend }) => `${status} ${name}: ${message}${mend ? ` -> ${mend}` : ""}`);
}

const environmentOf = (variables: Record<string, string>) => (name: string) => variables[name];

function serversOf(...servers: object[]) {
  const named = servers.map((server, index) => ({ id: `s${index}`, title: "S", summary: "S.", ...server }));
  const { servers: parsed, problems } = parseRegistry(JSON.stringify({ servers: named }));
  expect(problems).toEqual([]);
  return parsed;
}

test("a Node that is too old fails, and one that is too old for many servers is a warning", { tags: ["doctor"] }, async () => {
  expect(await found(nodeCheck("22.12.0"))).toEqual(["ok node: 22.12.0"]);
  expect(await found(nodeCheck("24.0.0"))).toEqual(["ok node: 24.0.0"]);
  const soft = "warning node: 22.11.9 runs this, but many stdio servers want 22.12 or later. -> install Node 22 or later";
  expect(await found(nodeCheck("22.11.9"))).toEqual([soft]);
  expect(await found(nodeCheck("20.16.0"))).toEqual([expect.stringContaining("warning node: 20.16.0")]);
  expect(await found(nodeCheck("20.15.9"))).toEqual(["failed node: 20.15.9 is older than 20.16. -> install Node 22 or later"]);
});

test("a check that throws, or never answers, is a finding", { tags: ["doctor"] }, async () => {
  const throws = { name: "odd", run: () => Promise.reject(new Error("no such thing")) };
  expect(await found(throws)).toEqual([expect.stringMatching(/^failed odd: could not be checked: no such thing -> /)]);
});

describe("the programs of stdio servers", () => {
  const stdio = (command: string) => ({ mcp: { transport: "stdio", command } });
  const look = (...commands: string[]) =>
    found(
      commandsCheck({
        servers: serversOf(...commands.map(stdio)),
        environment: environmentOf({ PATH: folder }),
        projectRoot,
      }),
    );

  test("are found, or named with the servers that need them and what to install", { tags: ["doctor"] }, async () => {
    const npx = join(folder, "npx");
    await writeFile(npx, "#!/bin/sh\n", { mode: 0o755 });
    expect(await look("npx", "npx")).toEqual([`ok npx: ${npx}`]);
    const all = await look("npx", "uvx", "uvx", "no-such-program", "/no/such/path");
    expect(all).toEqual([
      `ok npx: ${npx}`,
      expect.stringMatching(/^failed uvx: is not on the PATH; s1, s2 cannot start. -> install uv: https/),
      "failed no-such-program: is not on the PATH; s3 cannot start. -> install no-such-program, or correct mcp.command",
      expect.stringContaining("failed /no/such/path"),
    ]);
    await chmod(npx, 0o644);
    expect(await look("npx")).toEqual([expect.stringMatching(/^failed npx: .* -> install Node.js/)]);
    expect(await look()).toEqual([expect.stringMatching(/^warning npx: /)]);
  });
});

test("variables that entries refer to are looked up where their server gets them", { tags: ["doctor"] }, async () => {
  const check = variablesCheck({
    servers: serversOf(
      {
        mcp: {
          transport: "stdio",
          command: "a",
          args: ["${env:MCP_PROJECT_ROOT}/x"],
          env: { A: "${env:ONE}", B: "${env:TWO:-2}" },
        },
      },
      { mcp: { transport: "http", url: "https://a.example/${env:THREE}", headers: { H: "${env:ONE}" } } },
    ),
    registry: "/somewhere/registry.json",
    environment: environmentOf({ ONE: "1" }),
    workerEnvironment: environmentOf({}),
  });
  expect(await found(check)).toEqual(["warning variables: s1 needs THREE, ONE, not set. -> write THREE=… into /somewhere/.env"]);
});

describe("secrets", () => {
  const place = (variables: Record<string, string> = {}) => ({
    ...{ projectRoot: folder, registry: join(folder, "registry.json"), port: 9 },
    environment: environmentOf(variables),
  });

  test("that the Worker would refuse fail, and are not printed", { tags: ["doctor"] }, async () => {
    expect(await found(secretsCheck(place()))).toEqual([expect.stringContaining("ok secrets")]);
    await writeFile(join(folder, ".dev.vars"), "AUTH_TOKEN=hunter2\nAUTH_TOKENS=hunter3\nOAUTH_KEY=hunter4\n");
    const all = await found(secretsCheck(place()));
    expect(all).toHaveLength(3);
    expect(all.join()).not.toContain("hunter");
    expect(await found(secretsCheck(place({ AUTH_TOKEN: "x".repeat(32) })))).toHaveLength(2);
  });

  test.runIf(process.platform !== "win32")(
    "that other users can read are named with the command",
    { tags: ["doctor"] },
    async () => {
      const path = join(folder, ".dev.vars");
      await writeFile(path, "A=b\n", { mode: 0o600 });
      expect(await found(filesCheck(place()))).toEqual([expect.stringContaining("ok files")]);
      await chmod(path, 0o640);
      expect(await found(filesCheck(place()))).toEqual([`warning files: other users can read ${path}. -> chmod 600 ${path}`]);
      const kept = join(folder, ".wrangler/local/9");
      await mkdir(kept, { recursive: true });
      await writeFile(join(kept, "start.json"), "{}", { mode: 0o604 });
      expect(await found(filesCheck(place()))).toEqual([expect.stringContaining(join(kept, "start.json"))]);
    },
  );
});

test("certificate files that are missing, empty or expired are named", { tags: ["doctor"] }, async () => {
  const now = Date.now();
  const look = (variables: Record<string, string>) => found(certificatesCheck(environmentOf(variables), () => now));
  expect(await look({})).toEqual([expect.stringContaining("ok certificates")]);
  const path = join(folder, "ca.pem");
  expect(await look({ NODE_EXTRA_CA_CERTS: path })).toEqual([
    expect.stringMatching(/^failed .* cannot be read. -> unset NODE_EXTRA/),
  ]);
  await writeFile(path, "nothing");
  expect(await look({ SSL_CERT_FILE: path })).toEqual([expect.stringContaining("has no certificate")]);
  await using valid = await startHttpsServer(() => {});
  await writeFile(path, valid.pem);
  expect(await look({ NODE_EXTRA_CA_CERTS: path })).toEqual([`ok certificates: NODE_EXTRA_CA_CERTS: 1 in ${path}`]);
  await using old = await startHttpsServer(() => {}, { daysLeft: -1 });
  await writeFile(path, old.pem);
  expect(await look({ NODE_EXTRA_CA_CERTS: path })).toEqual([expect.stringContaining("every certificate")]);
});

describe("wrangler.toml", () => {
  const look = async (text: string) => {
    await writeFile(join(folder, "wrangler.toml"), text);
    return found(deploySettingsCheck(folder));
  };

  test("of the project is in order", { tags: ["doctor"] }, async () => {
    expect(await found(deploySettingsCheck(projectRoot))).toEqual([
      "ok wrangler.toml: production and preview have what they need",
    ]);
  });

  test("is told what an environment lacks", { tags: ["doctor"] }, async () => {
    const all = await look(
      '[env.production.vars]\nOAUTH_IDENTITY = "passphrase"\nPUBLIC_URL = "http://a.example"\nAUTH_TOKEN = "x"\n',
    );
    expect(all).toEqual([
      expect.stringContaining("lacks the flag global_fetch_strictly_public"),
      expect.stringContaining("npx wrangler kv namespace create OAUTH_KV"),
      expect.stringContaining("set PUBLIC_URL"),
      expect.stringContaining("npx wrangler secret put AUTH_TOKEN --env production"),
    ]);
  });

  test.each(["not toml [", "[env]\nproduction = 1", '[env.production]\nkv_namespaces = "OAUTH_KV"'])(
    "that says %j is to be corrected",
    { tags: ["doctor"] },
    async (text) => {
      const path = join(folder, "wrangler.toml");
      expect(await look(text)).toEqual([expect.stringMatching(/^failed wrangler.toml: cannot be read: .+ -> correct /)]);
      expect((await look(text))[0]?.endsWith(path)).toBe(true);
    },
  );
});
