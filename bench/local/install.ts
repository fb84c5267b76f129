import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** MiB on the disk that `npm ci --omit=dev` installs for the last commit of a checkout; undefined when it cannot. */
export async function installedMiB(checkout: string): Promise<number | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "bench-install-"));
  try {
    execFileSync("git", ["clone", "--quiet", checkout, folder]);
    const npm = spawn("npm", ["ci", "--omit=dev", "--no-audit", "--no-fund"], { cwd: folder, stdio: ["ignore", 2, 2] });
    const [exitCode] = await once(npm, "exit");
    if (exitCode !== 0) return undefined;
    const [kib = ""] = execFileSync("du", ["-sk", "node_modules"], { cwd: folder, encoding: "utf8" }).split("\t");
    return Number(kib) / 1_024;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
