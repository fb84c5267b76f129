import type { Outcome } from "../../../core/run/outcome.ts";
import type { RunOptions } from "../../../core/run/run-options.ts";
import { createSessionAudit } from "../../../worker/audit/session-audit.ts";
import { systemClock } from "../../../worker/clock.ts";
import { authorise } from "../../../worker/http/access/access.ts";
import { createBrowserLogins } from "../../../worker/http/access/browser-login.ts";
import { createStaticTokens } from "../../../worker/http/access/static-tokens.ts";
import { Throttle } from "../../../worker/http/access/throttle.ts";
import { readIdentity } from "../../../worker/identity-settings.ts";
import { newRequestId, newRunId } from "../../../worker/random-names.ts";
import { createAuditRing } from "../../../worker/storage/audit-ring.ts";

const token = "the-token-of-the-bench-with-32-characters";

/** What a deployment adds to a run: a token that is verified, and a record of the run and each of its calls. */
export function createAudited(ctx: DurableObjectState) {
  const settings = readIdentity({ AUTH_TOKEN: token });
  const door = {
    settings,
    verifiers: [createStaticTokens(settings, Date.now)],
    throttle: new Throttle(Date.now),
    browserLogins: createBrowserLogins(settings, Date.now),
  };
  const trail = createAuditRing(ctx.storage, { ring: "records", bytesMax: 64 * 1024 * 1024 });
  const audit = createSessionAudit({
    ...{ storage: ctx.storage, name: "owner/default", clock: systemClock, newRunId, mode: "hash" },
    redact: () => undefined,
    async send(lines) {
      for (const { line } of lines) trail.add(line);
    },
    waitUntil: (work) => ctx.waitUntil(work),
    onFailure() {
      throw new Error("the bench could not keep its records");
    },
  });
  return async (code: string, run: (options: Pick<RunOptions, "audit">) => Promise<Outcome>): Promise<Outcome> => {
    const request = new Request("https://bench.example/mcp", { headers: { Authorization: `Bearer ${token}` } });
    const access = await authorise(request, "mcp:execute", door);
    if (access.kind === "refused") throw new Error(access.message);
    const recorded = audit.run({ requestId: newRequestId(), input: { code } });
    const outcome = await run({ audit: recorded });
    recorded.end(outcome);
    return outcome;
  };
}
