import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { z } from "zod";
import { projectRoot } from "./project-root.ts";

/** An otherwise empty folder with this package in node_modules, and with what npm would install beside it. */
export interface InstalledPackage extends AsyncDisposable {
  folder: string;
  /** The variables of a user whose home is in the folder. Every process that inherits them is found by `processesOf`. */
  environment(node: string): Record<string, string>;
}

const Lock = z.object({
  packages: z.record(
    z.string(),
    z.looseObject({ dev: z.boolean().optional(), devOptional: z.boolean().optional(), bin: z.unknown().optional() }),
  ),
});

/**
 * What `npm pack` makes, unpacked. Dependencies are links to the project's own, and none that only its tests have is there: the test
 * needs no registry, and fails when a file or a dependency is missing.
 */
export async function installPackage(): Promise<InstalledPackage> {
  const folder = await mkdtemp(join(tmpdir(), "mcp-package-"));
  const modules = join(folder, "node_modules");
  const own = join(modules, "mcp-dynamic-orchestrator");
  await mkdir(own, { recursive: true });
  execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], {
    cwd: projectRoot,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const tarball = (await readdir(folder)).find((name) => name.endsWith(".tgz")) ?? "";
  execFileSync("tar", ["xzf", join(folder, tarball), "-C", own, "--strip-components=1"]);
  await linkDependencies(modules);
  return {
    folder,
    environment: (node) => ({
      HOME: join(folder, "home"),
      TMPDIR: folder,
      PATH: [dirname(node), "/usr/bin", "/bin"].join(delimiter),
    }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
}

async function linkDependencies(modules: string): Promise<void> {
  const { packages } = Lock.parse(JSON.parse(await readFile(join(projectRoot, "package-lock.json"), "utf8")));
  await mkdir(join(modules, ".bin"));
  for (const [path, { dev, devOptional, bin }] of Object.entries(packages)) {
    const name = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path)?.[1];
    if (name === undefined || dev || devOptional) continue;
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(projectRoot, path), join(modules, name));
    for (const command of Object.keys(z.record(z.string(), z.string()).catch({}).parse(bin))) {
      // Of two packages with one command, npm too takes one.
      await symlink(join(projectRoot, "node_modules", ".bin", command), join(modules, ".bin", command)).catch(() => undefined);
    }
  }
}

/** The Node that runs the tests, and the machine's own if that is of another release. */
export function nodesHere(): string[] {
  const major = (node: string) => execFileSync(node, ["--version"], { encoding: "utf8" }).split(".")[0];
  const machine = (process.env.PATH ?? "")
    .split(delimiter)
    .filter((part) => !part.includes("node_modules"))
    .map((part) => join(part, "node"))
    .find((node) => isProgram(node) && major(node) !== major(process.execPath));
  return [process.execPath, ...(machine === undefined ? [] : [machine])];
}

function isProgram(path: string): boolean {
  try {
    execFileSync(path, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
