import { join } from "node:path";
import { z } from "zod";
import { systemClock } from "../clock.ts";
import { certificatesCheck } from "../doctor/certificates.ts";
import { deploySettingsCheck } from "../doctor/deploy-settings.ts";
import { deploymentChecks } from "../doctor/deployment.ts";
import { type Check, examine, type Finding, failed } from "../doctor/finding.ts";
import { debuggerCheck, portCheck } from "../doctor/listening.ts";
import { commandsCheck, nodeCheck, workerdCheck } from "../doctor/programs.ts";
import { registryCheck } from "../doctor/registry.ts";
import { filesCheck, secretsCheck, variablesCheck } from "../doctor/secrets.ts";
import { localUrl } from "../local/local-url.ts";
import { readStartRecord } from "../local/start-record.ts";
import { envFileBeside, withEnvFiles } from "../registry/env-file.ts";
import { readRegistryFile } from "../registry/registry-file.ts";
import { remoteEnvironment } from "../registry/worker-secrets.ts";
import { UsageError } from "../usage-error.ts";
import { type Command, versionOf, type World } from "./command.ts";
import { jsonOption, RegistryOptions, registryOption } from "./open-registry.ts";

const Options = RegistryOptions.pick({ registry: true }).extend({
  url: z.string().optional(),
  json: z.boolean().default(false),
});

export const doctor: Command = {
  name: "doctor",
  summary: "look at everything that can be wrong, here or at a deployment, and say how to mend it",
  options: [
    { flags: "--url <url>", description: "a deployed orchestrator, looked at from outside, instead of this machine" },
    registryOption,
    jsonOption,
  ],
  notes: [
    "For a deployment, AUTH_TOKEN and BRIDGE_TOKEN are tried if they are set. Nothing is changed, and no server is started; to start",
    "them: mcp-bridge check.",
    "Exits with 0 when nothing has failed, warnings or not; with 1 when something has.",
  ],
  examples: ["mcp-bridge doctor", "AUTH_TOKEN=… mcp-bridge doctor --url https://mcp.example.com"],
  async run({ options, world }) {
    const { url, registry, json } = Options.parse(options);
    const checks = url === undefined ? await localChecks(world, registry) : await remoteChecks(world, url);
    const findings = await examine(checks, world.signal);
    world.print(json ? JSON.stringify(findings, undefined, 2) : findings.map(toLines).join("\n"));
    if (!json) world.writeStderr(`\n${summaryOf(findings)}\n`);
    return findings.some(({ status }) => status === "failed") ? 1 : 0;
  },
};

async function remoteChecks(world: World, url: string): Promise<Check[]> {
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new UsageError(
      `--url ${JSON.stringify(url)} is not an http or https URL. Give the Worker's, such as https://mcp.example.com.`,
    );
  }
  const record = await readStartRecord(world, new URL(url));
  return deploymentChecks({
    url: new URL(new URL(url).origin),
    authToken: world.environment("AUTH_TOKEN") || record?.authToken,
    bridgeToken: world.environment("BRIDGE_TOKEN") || record?.bridgeToken,
    version: versionOf(world.projectRoot),
    now: systemClock.now,
  });
}

async function localChecks(world: World, registry: string | undefined): Promise<Check[]> {
  const { projectRoot, environment } = world;
  const url = localUrl(environment);
  if (!URL.canParse(url)) throw new UsageError(`PORT is "${environment("PORT")}"; it must be a number from 1 to 65535.`);
  const record = await readStartRecord(world, new URL(url));
  const port = Number(new URL(url).port || 80);
  return [
    nodeCheck(process.versions.node),
    workerdCheck,
    ...(await registryChecks(world, { file: registry ?? record?.registry, url, port })),
    certificatesCheck(environment, systemClock.now),
    portCheck({ port, record, version: versionOf(world.projectRoot) }),
    debuggerCheck,
    deploySettingsCheck(projectRoot),
  ];
}

/** What depends on the registry file: its servers' programs and variables, and the secrets beside it. */
async function registryChecks(
  world: World,
  { file, url, port }: { file: string | undefined; url: string; port: number },
): Promise<Check[]> {
  const { projectRoot, workingDirectory, environment } = world;
  try {
    const registry = await readRegistryFile({ projectRoot, workingDirectory, file, url });
    const { servers, absolutePath } = registry;
    const withEnv = withEnvFiles(environment, [join(projectRoot, ".env"), envFileBeside(absolutePath)]);
    const place = { projectRoot, registry: absolutePath, port, environment };
    return [
      registryCheck(registry),
      commandsCheck({ servers, environment: withEnv, projectRoot }),
      variablesCheck({
        servers,
        registry: absolutePath,
        environment: withEnv,
        workerEnvironment: await remoteEnvironment(world, registry),
      }),
      secretsCheck(place),
      filesCheck(place),
    ];
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [{ name: "registry", run: async () => [failed("registry", message, "npx mcp-bridge doctor --registry <file>")] }];
  }
}

function toLines({ check, status, message, mend }: Finding): string {
  const line = `${status.padEnd(8)} ${check.padEnd(14)} ${message}`;
  return mend === undefined ? line : `${line}\n${" ".repeat(24)}mend: ${mend}`;
}

function summaryOf(findings: readonly Finding[]): string {
  const count = (status: Finding["status"]) => findings.filter((finding) => finding.status === status).length;
  const [failures, warnings] = [count("failed"), count("warning")];
  return failures + warnings === 0 ? "Nothing is wrong." : `${failures} failed, ${warnings} warnings.`;
}
