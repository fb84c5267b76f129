import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PlainWorker, startPlainWorker } from "./plain-worker.ts";
import { projectRoot } from "./project-root.ts";

/** `npx wrangler dev` with the KV namespace that wrangler.toml has in a comment, and logins by this passphrase. */
export async function startWorkerWithLogin(passphrase: string): Promise<PlainWorker> {
  const folder = await mkdtemp(join(tmpdir(), "mcp-orchestrator-login-"));
  const config = join(folder, "wrangler.toml");
  await writeFile(config, withLogin(await readFile(join(projectRoot, "wrangler.toml"), "utf8")));
  const settings = { OAUTH_IDENTITY: "passphrase", OAUTH_PASSPHRASE: passphrase };
  const worker = await startPlainWorker(
    ...["--config", config],
    ...Object.entries(settings).flatMap(([name, value]) => ["--var", `${name}:${value}`]),
    ...["--var", (port: number) => `PUBLIC_URL:http://127.0.0.1:${port}`],
  );
  return {
    ...worker,
    async [Symbol.asyncDispose]() {
      await worker[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/**
 * Paths of a configuration are relative to its file. Without the flag the login takes no metadata documents of clients, which a test
 * cannot reach, so that clients register.
 */
function withLogin(text: string): string {
  return text
    .replace('"worker/index.ts"', JSON.stringify(join(projectRoot, "worker/index.ts")))
    .replace('"dist/assets"', JSON.stringify(join(projectRoot, "dist/assets")))
    .replace('"node worker/build.ts"', JSON.stringify(`node ${join(projectRoot, "worker/build.ts")}`))
    .replace(/^compatibility_flags = .*$/m, "")
    .replace(/^# (\[\[kv_namespaces\]\]|binding = |id = )/gm, "$1");
}

/** Plays the browser of a person who agrees, up to where it is sent back to the client. */
export async function agreeToLogin(address: string, passphrase: string): Promise<string> {
  const page = await fetch(address);
  const handle = /name="handle" value="([^"]+)"/.exec(await page.text())?.[1] ?? "";
  const answer = await fetch(address, {
    method: "POST",
    redirect: "manual",
    headers: {
      Cookie: page.headers
        .getSetCookie()
        .map((set) => set.split(";")[0])
        .join("; "),
    },
    body: new URLSearchParams({ handle, decision: "allow", passphrase }),
  });
  const location = answer.headers.get("Location");
  if (location === null) throw new Error(`the login answered ${answer.status}: ${await answer.text()}`);
  return location;
}
