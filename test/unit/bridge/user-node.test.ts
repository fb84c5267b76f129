import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { planLaunch } from "../../../bridge/stdio/launch.ts";
import { userNodeFolder } from "../../../bridge/stdio/user-node.ts";
import { projectRoot } from "../../support/project-root.ts";
import { stdioEntry } from "../../support/stdio-entries.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "user-node-"));
});
afterEach(() => rm(root, { recursive: true }));

/** A folder with a program `node` of that version. */
function withNode(name: string, version: string): Promise<string> {
  return withProgram(name, `echo "${version}"`);
}

async function withProgram(name: string, script: string): Promise<string> {
  const folder = join(root, name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "node"), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, "node"), 0o755);
  return folder;
}

const versionIn = (folder: string | undefined) =>
  folder === undefined ? undefined : execFileSync(join(folder, "node"), ["--version"], { encoding: "utf8" }).trim();

test("servers run under the user's Node if it is new enough, whatever Node the project brings", {
  tags: ["bridge.user-node"],
}, async () => {
  const own = await withNode("project/node_modules/.bin", "v24.21.0");
  const [newer, newest] = [await withNode("a/bin", "v22.1.0"), await withNode("b/bin", "v26.0.0")];
  const empty = join(root, "empty");
  const folderOn = (...path: string[]) => userNodeFolder(join(root, "project"), path.join(delimiter));
  expect(versionIn(folderOn(own, empty, newer, newest))).toBe("v22.1.0");
  // Another Node is chosen when the user's PATH has changed since.
  expect(versionIn(folderOn(own, newest, newer))).toBe("v26.0.0");
});

test.each([
  ["it is too old", "v20.20.2"],
  ["it is older than Node's own semantic versions", "v0.12.18"],
  ["it does not run", "no such thing"],
])("servers run under the project's Node if %s", { tags: ["bridge.user-node"] }, async (_why, version) => {
  const own = await withNode("project/node_modules/.bin", "v24.21.0");
  const users = await withNode("users/bin", version);
  expect(userNodeFolder(join(root, "project"), [own, users].join(delimiter))).toBeUndefined();
});

test("servers run under the project's Node if the user has none", { tags: ["bridge.user-node"] }, async () => {
  const own = await withNode("project/node_modules/.bin", "v24.21.0");
  for (const path of [own, "", undefined]) expect(userNodeFolder(join(root, "project"), path)).toBeUndefined();
});

/** The Node of the project's packages, and one of this machine's own, where it has one. */
const projectNode = join(projectRoot, "node_modules/.bin/node");
const machineNode = ["/usr/bin/node", "/usr/local/bin/node"].find((file) => existsSync(file));

const projectVersion = () => execFileSync(projectNode, ["--version"], { encoding: "utf8" }).trim();

/** What a server that is started as `node` says of the process that it runs in. */
function startedWith(path: string): { version: string; title: string } {
  const { launch } = planLaunch({
    entry: stdioEntry({ command: "node", args: ["-p", "JSON.stringify({ version: process.version, title: process.title })"] }),
    environment: (name) => (name === "PATH" ? path : undefined),
    projectRoot,
    nodeFolder: userNodeFolder(join(root, "project"), path),
  });
  return JSON.parse(execFileSync(launch.command, launch.args, { env: launch.env, cwd: launch.cwd, encoding: "utf8" }));
}

test("a server runs under a real Node of the user's, also behind the script of a version manager", {
  tags: ["bridge.user-node"],
}, async () => {
  const shims = await withProgram("shims", `exec "${projectNode}" --title=users "$@"`);
  expect(startedWith([shims, "/bin"].join(delimiter))).toEqual({ version: projectVersion(), title: "users" });
});

test.runIf(machineNode)("and under this machine's own, unless that is too old", { tags: ["bridge.user-node"] }, () => {
  const version = execFileSync(String(machineNode), ["--version"], { encoding: "utf8" }).trim();
  const isOld = Number(version.slice(1).split(".")[0]) < 22;
  expect(startedWith([dirname(String(machineNode)), "/bin"].join(delimiter)).version).toBe(isOld ? projectVersion() : version);
});
