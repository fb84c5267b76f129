import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const bench = new URL("../", import.meta.url);
const Lock = z.object({ packages: z.record(z.string(), z.object({ version: z.string().optional() })) });
const Manifest = z.object({ version: z.string() });

/** Installs @cloudflare/codemode in the version of bench/package-lock.json, unless it is there. Returns the version. */
export function installCodemode(onStep: (title: string) => void): Promise<string> {
  return installPackage("@cloudflare/codemode", onStep);
}

/** Installs all packages of the benches, unless this one is there in the version of the lock file. Returns its version. */
export async function installPackage(name: string, onStep: (title: string) => void): Promise<string> {
  const folder = `node_modules/${name}`;
  const lock = Lock.parse(JSON.parse(await readFile(new URL("package-lock.json", bench), "utf8")));
  const wanted = lock.packages[folder]?.version;
  if (wanted === undefined) throw new Error(`bench/package-lock.json does not name ${folder}`);
  if ((await versionIn(new URL(`${folder}/package.json`, bench))) === wanted) return wanted;
  onStep(`installing ${name} ${wanted} and the other packages of bench/ (npm ci)`);
  const npm = spawn("npm", ["ci", "--no-audit", "--no-fund"], { cwd: fileURLToPath(bench), stdio: ["ignore", 2, 2] });
  const [exitCode] = await once(npm, "exit");
  if (exitCode !== 0) throw new Error(`npm ci in bench/ exited with code ${exitCode}`);
  return wanted;
}

/** The workerd that Miniflare starts. */
export async function workerdVersion(): Promise<string> {
  const miniflare = createRequire(import.meta.url).resolve("miniflare");
  const manifest = createRequire(miniflare).resolve("workerd/package.json");
  return (await versionIn(manifest)) ?? "unknown";
}

async function versionIn(file: URL | string): Promise<string | undefined> {
  try {
    return Manifest.parse(JSON.parse(await readFile(file, "utf8"))).version;
  } catch {
    // Not installed, or only in part. Installing it fixes both.
    return undefined;
  }
}
