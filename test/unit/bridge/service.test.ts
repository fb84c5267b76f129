import { execFile, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { projectRoot } from "../../support/project-root.ts";

/* The units of bridge/service/ and the container, as far as this machine has the programs that read them. */

const textOf = (path: string) => readFile(join(projectRoot, path), "utf8");
const has = (program: string) => spawnSync(program, ["--version"]).error === undefined;

test("the systemd unit starts the bridge by a command that exists, and nothing restarts what was refused", {
  tags: ["bridge.service"],
}, async () => {
  const unit = await textOf("bridge/service/mcp-bridge.service");
  const [, command = ""] = /^ExecStart=%h\/mcp-dynamic-orchestrator\/(.+)$/m.exec(unit) ?? [];
  const [node = "", main = "", ...args] = command.split(" ");
  expect(existsSync(join(projectRoot, node))).toBe(true);
  expect(args).toEqual(["start", "--url", "${MCP_ORCHESTRATOR_URL}"]);
  // A file without a server and without a token: it is the command line that is tried.
  const { stderr } = await promisify(execFile)(join(projectRoot, node), [main, "start", "--url", "ftp://x"], {
    cwd: projectRoot,
  }).catch((error: { stderr: string; code: number }) => error);
  expect(stderr).toContain("Give an http or https URL");
  expect(unit).toMatch(/^RestartPreventExitStatus=1 2$/m);
});

test.runIf(has("systemd-analyze"))("systemd finds no fault in the unit", { tags: ["bridge.service"] }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "unit-"));
  try {
    const unit = await textOf("bridge/service/mcp-bridge.service");
    const path = join(folder, "mcp-bridge.service");
    await writeFile(path, unit.replaceAll("%h/mcp-dynamic-orchestrator", projectRoot));
    const env = { ...process.env, XDG_RUNTIME_DIR: folder, SYSTEMD_LOG_LEVEL: "warning" };
    const { status, stderr } = spawnSync("systemd-analyze", ["--user", "verify", path], { encoding: "utf8", env });
    expect([status, stderr.split("\n").filter((line) => line.includes("mcp-bridge"))]).toEqual([0, []]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("the property list starts the same command", { tags: ["bridge.service"] }, async () => {
  const list = await textOf("bridge/service/mcp-bridge.plist");
  expect(list).toContain('exec node_modules/.bin/node bridge/main.mjs start --url "$MCP_ORCHESTRATOR_URL"');
  const tags = [...list.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)].filter(([, , , selfClosed]) => selfClosed === "");
  const open: string[] = [];
  for (const [, end, name = ""] of tags) {
    if (end === "") open.push(name);
    else expect(open.pop()).toBe(name);
  }
  expect(open).toEqual([]);
});

test("the container copies files that exist, on a Node that the project runs on", { tags: ["bridge.service"] }, async () => {
  const lines = (await textOf("bridge/Dockerfile")).split("\n");
  expect(lines).toContain("FROM node:24-slim");
  const copied = lines.filter((line) => line.startsWith("COPY ")).flatMap((line) => line.split(" ").slice(1, -1));
  expect(copied.filter((file) => !existsSync(join(projectRoot, file)))).toEqual([]);
  const ignored = (await textOf("bridge/Dockerfile.dockerignore")).split("\n");
  const isLeftOut = (path: string) => [path, `**/${path}`, path.split("/")[0]].some((pattern) => ignored.includes(pattern ?? ""));
  // Whatever git does not take is of this machine alone: secrets, what servers remember, logs.
  const ofThisMachine = (await textOf(".gitignore")).split("\n").filter((line) => line !== "");
  expect(ofThisMachine.map((line) => line.replace(/\/$/, "")).filter((path) => !isLeftOut(path))).toEqual([]);
  expect(ignored).toEqual(expect.arrayContaining(["**/.env.*", "**/.dev.vars.*", "**/*tokens*.json", ".git"]));
  // The memory server writes beside the registry's project, by a new file that it renames; nobody else's file can be replaced.
  expect(lines.findIndex((line) => /^RUN .*chown root:node \. && chmod 1775 \./.test(line))).toBeLessThan(
    lines.indexOf("USER node"),
  );
  expect(lines.some((line) => line.includes("chmod 1775"))).toBe(true);
  // What it builds with is no development dependency, because those are left out.
  const { dependencies } = JSON.parse(await textOf("package.json"));
  expect(Object.keys(dependencies)).toContain("esbuild");
});
