import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "smol-toml";
import { z } from "zod";
import { type Check, type Finding, failed, ok, oneLine, warning } from "./finding.ts";

const Environment = z.looseObject({
  compatibility_flags: z.array(z.string()).default([]),
  vars: z.record(z.string(), z.unknown()).default({}),
  kv_namespaces: z.array(z.looseObject({ binding: z.string(), id: z.string().optional() })).default([]),
});
const Configuration = z.looseObject({ env: z.record(z.string(), Environment).default({}) });

/** What wrangler.toml would deploy. An environment inherits no variables and bindings. */
export function deploySettingsCheck(projectRoot: string): Check {
  return {
    name: "wrangler.toml",
    async run() {
      const path = join(projectRoot, "wrangler.toml");
      const text = await readFile(path, "utf8").catch(() => undefined);
      if (text === undefined) return [];
      const env = environmentsIn(text);
      if (env instanceof Error) return [failed("wrangler.toml", `cannot be read: ${oneLine(env.message)}`, `correct ${path}`)];
      const findings = Object.entries(env).flatMap(([name, environment]) => look(name, environment));
      return findings.length > 0 ? findings : [ok("wrangler.toml", `${Object.keys(env).join(" and ")} have what they need`)];
    },
  };
}

/** The environments, or why the text is not what wrangler takes. */
function environmentsIn(text: string): z.infer<typeof Configuration>["env"] | Error {
  try {
    return Configuration.parse(parse(text)).env;
  } catch (error) {
    return error instanceof z.ZodError ? new Error(z.prettifyError(error)) : new Error(String(error));
  }
}

function look(name: string, { compatibility_flags, vars, kv_namespaces }: z.infer<typeof Environment>): Finding[] {
  const findings: Finding[] = [];
  const where = `wrangler.toml, ${name}`;
  if (!compatibility_flags.includes("global_fetch_strictly_public")) {
    findings.push(
      warning(where, "lacks the flag global_fetch_strictly_public.", `add it to compatibility_flags of [env.${name}]`),
    );
  }
  const kv = kv_namespaces.find(({ binding }) => binding === "OAUTH_KV");
  if (vars.OAUTH_IDENTITY && kv?.id === undefined) {
    const mend = `npx wrangler kv namespace create OAUTH_KV, and put its id into [[env.${name}.kv_namespaces]]`;
    findings.push(failed(where, "OAUTH_IDENTITY is set, and OAUTH_KV is not bound.", mend));
  }
  const publicUrl = vars.PUBLIC_URL;
  if (vars.OAUTH_IDENTITY && !(typeof publicUrl === "string" && publicUrl.startsWith("https://"))) {
    findings.push(failed(where, "OAUTH_IDENTITY needs PUBLIC_URL, an https address.", `set PUBLIC_URL in [env.${name}.vars]`));
  }
  const secret = Object.keys(vars).find((key) =>
    /^(?:AUTH_TOKENS?|BRIDGE_TOKEN|OAUTH_KEY|OAUTH_PASSPHRASE|OIDC_CLIENT_SECRET)$/.test(key),
  );
  if (secret !== undefined) {
    findings.push(
      failed(where, `${secret} stands there in plain text.`, `remove it, and npx wrangler secret put ${secret} --env ${name}`),
    );
  }
  return findings;
}
