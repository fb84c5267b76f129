import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PlainWorker, startPlainWorkerIn } from "./plain-worker.ts";
import { projectRoot } from "./project-root.ts";

interface LoginOptions {
  /**
   * Of the https server that has the metadata documents of clients. Without it the login takes none, because a test cannot reach
   * another, and clients register.
   */
  certificate?: string;
}

/** `npx wrangler dev` with the KV namespace that docs/deploy.md describes, and logins by this passphrase. */
export async function startWorkerWithLogin(passphrase: string, { certificate }: LoginOptions = {}): Promise<PlainWorker> {
  const folder = await mkdtemp(join(tmpdir(), "mcp-orchestrator-login-"));
  const config = join(folder, "wrangler.toml");
  await writeFile(config, withLogin(await readFile(join(projectRoot, "wrangler.toml"), "utf8"), certificate !== undefined));
  const trusted = join(folder, "trusted.pem");
  if (certificate !== undefined) await writeFile(trusted, certificate);
  const settings = { OAUTH_IDENTITY: "passphrase", OAUTH_PASSPHRASE: passphrase };
  const worker = await startPlainWorkerIn(certificate === undefined ? {} : { NODE_EXTRA_CA_CERTS: trusted }, [
    ...["--config", config],
    ...Object.entries(settings).flatMap(([name, value]) => ["--var", `${name}:${value}`]),
    ...["--var", (port: number) => `PUBLIC_URL:http://127.0.0.1:${port}`],
  ]);
  return {
    ...worker,
    async [Symbol.asyncDispose]() {
      await worker[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Paths of a configuration are relative to its file. Without the flag the login takes no metadata documents. */
function withLogin(text: string, takesDocuments: boolean): string {
  return (takesDocuments ? text : text.replace(/^compatibility_flags = .*$/gm, ""))
    .replace('"dist/worker/index.mjs"', JSON.stringify(join(projectRoot, "dist/worker/index.mjs")))
    .replaceAll('"dist/assets"', JSON.stringify(join(projectRoot, "dist/assets")))
    .replace('"node worker/build.ts"', JSON.stringify(`node ${join(projectRoot, "worker/build.ts")}`))
    .concat('\n[[kv_namespaces]]\nbinding = "OAUTH_KV"\nid = "oauth"\n');
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
