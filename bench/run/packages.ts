import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const bench = new URL("../", import.meta.url);
const Lock = z.object({ packages: z.record(z.string(), z.object({ version: z.string().optional() })) });
const Manifest = z.object({ version: z.string() });

/** Installs what the benches compare with, unless the version that the lock names is there. Returns that version. */
export function installCodemode(onStep: (title: string) => void): Promise<string> {
  return installPackage("@cloudflare/codemode", onStep);
}

/** Installs all packages of the benches, unless this one is there in the version that the lock names. Returns that version. */
export async function installPackage(name: string, onStep: (title: string) => void): Promise<string> {
  const folder = `node_modules/${name}`;
  const lock = Lock.parse(JSON.parse(await readFile(new URL("package-lock.json", bench), "utf8")));
  const wanted = lock.packages[folder]?.version;
  if (wanted === undefined) throw new Error(`bench/package-lock.json does not name ${folder}`);
  if ((await versionIn(new URL(`${folder}/package.json`, bench))) === wanted) return wanted;
  onStep(`installing ${name} ${wanted} and the others below bench/ (npm ci)`);
  const npm = spawn("npm", ["ci", "--no-audit", "--no-fund"], { cwd: fileURLToPath(bench), stdio: ["ignore", 2, 2] });
  const [exitCode] = await once(npm, "exit");
  if (exitCode !== 0) throw new Error(`npm ci in bench/ ended with ${exitCode}`);
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
    // Not installed, or half: both are mended by installing.
    return undefined;
  }
}
