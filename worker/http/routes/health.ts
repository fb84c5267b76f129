import type { Context } from "hono";
import { version } from "../../../package.json";
import { trailOf } from "../../bindings.ts";
import { systemClock } from "../../clock.ts";
import { checkCompiler } from "../../compiler-service.ts";
import { registryOf } from "../../registry.ts";
import { authorise } from "../access/access.ts";
import { doorOf } from "../access/door.ts";
import { setDenial } from "../access-records.ts";
import type { Env } from "../env.ts";

type C = Context<{ Bindings: Env }>;

/** Liveness: the process answers. */
export function serveLivez(c: C): Response {
  return c.text("ok\n");
}

/** What a deployment needs to answer a run, each with whether it is there. */
type Checks = Record<"registry" | "storage" | "sandbox" | "compiler", boolean>;

/** How long one answer stands: strangers may ask as often as they like. */
const checkedMs = 1_000;
/** Longer than any part takes that works. */
const checkMsMax = 5_000;

const checked = new WeakMap<Env, { at: number; checks: Promise<Checks> }>();

/** Readiness: a program can be read and run, without running one. Whoever may administer is told what is missing. */
export async function serveReadyz(c: C): Promise<Response> {
  const checks = await currentChecks(c.env);
  const isReady = Object.values(checks).every(Boolean);
  const status = isReady ? 200 : 503;
  if (c.req.header("Authorization") !== undefined) {
    const access = await authorise(c.req.raw, "mcp:admin", doorOf(c.env));
    if (access.kind === "granted") return c.json({ ready: isReady, version, checks, ...registrySize(c.env) }, status);
    // It is answered like anybody, but nobody tries tokens here unseen.
    if (access.principal === undefined) setDenial(c, access);
  }
  return c.text(isReady ? "ok\n" : "not ready\n", status);
}

function currentChecks(env: Env): Promise<Checks> {
  const last = checked.get(env);
  const now = systemClock.now();
  if (last !== undefined && now - last.at < checkedMs) return last.checks;
  const checks = check(env);
  checked.set(env, { at: now, checks });
  return checks;
}

async function check(env: Env): Promise<Checks> {
  const [registry, storage, sandbox, compiler] = await Promise.all([
    isThere("registry", async () => registryOf(env).servers),
    isThere("storage", () => trailOf(env).ping()),
    isThere("sandbox", () => checkSandbox(env)),
    isThere("compiler", () => checkCompiler(env)),
  ]);
  return { registry, storage, sandbox, compiler };
}

async function checkSandbox({ SANDBOX, LOADER }: Env): Promise<void> {
  // The loader is what the compiler is loaded by, too.
  if (SANDBOX === undefined && LOADER === undefined) throw new Error("nothing loads programs");
  const answer = await SANDBOX?.fetch("http://sandbox/livez");
  if (answer?.ok === false) throw new Error(`it answers ${answer.status}`);
}

async function isThere(part: keyof Checks, ask: () => Promise<unknown>): Promise<boolean> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const cancel = systemClock.after(checkMsMax, () => reject(new Error(`no answer in ${checkMsMax} ms`)));
  try {
    await Promise.race([ask(), late]);
    return true;
  } catch (error) {
    console.warn({ event: "not_ready", part, error: String(error) });
    return false;
  } finally {
    cancel();
  }
}

function registrySize(env: Env): { servers: number; problems: number } {
  const { servers, problems } = registryOf(env);
  return { servers: servers.length, problems: problems.length };
}
