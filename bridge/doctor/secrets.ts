import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { limits } from "../../core/limits.ts";
import { type Environment, interpolate, interpolateRecord } from "../../core/registry/interpolation.ts";
import type { FileEntry } from "../../core/registry/registry.ts";
import { homeOf } from "../home.ts";
import { stateFolder } from "../local/start-record.ts";
import { tokensIn } from "../local/token-list.ts";
import { readSecrets, secretFilesOf } from "../registry/worker-secrets.ts";
import { type Check, type Finding, failed, ok, warning } from "./finding.ts";

interface Place {
  projectRoot: string;
  /** Path of the registry file, beside which a .env may lie. */
  registry: string;
  port: number;
  environment: Environment;
}

/** Values that the Worker would refuse. The values themselves are never shown. */
export function secretsCheck(place: Place): Check {
  return {
    name: "secrets",
    async run() {
      const secrets = await readSecrets(secretFilesOf(homeOf(place).folder, place.registry));
      const findings: Finding[] = [];
      const authToken = place.environment("AUTH_TOKEN") || secrets.AUTH_TOKEN;
      if (authToken && authToken.length < limits.authTokenCharsMin) {
        const message = `AUTH_TOKEN has fewer than ${limits.authTokenCharsMin} characters.`;
        findings.push(failed("secrets", message, "openssl rand -base64 32, or remove it: npm start makes one"));
      }
      if (secrets.AUTH_TOKENS && tokensIn(secrets.AUTH_TOKENS) === undefined) {
        findings.push(failed("secrets", "AUTH_TOKENS is not a list of tokens.", "mcp-bridge token new <name> prints an entry"));
      }
      const key = secrets.OAUTH_KEY;
      if (key && key.length < limits.oauthKeyCharsMin) {
        findings.push(
          failed("secrets", `OAUTH_KEY has fewer than ${limits.oauthKeyCharsMin} characters.`, "openssl rand -base64 32"),
        );
      }
      return findings.length > 0 ? findings : [ok("secrets", "those that are set can be used")];
    },
  };
}

/** Files with secrets that other users of the machine can read. */
export function filesCheck(place: Place): Check {
  return {
    name: "files",
    async run() {
      if (process.platform === "win32") return [];
      const kept = ["access.env", "oauth.env", "start.json", "tokens.json"].map((name) =>
        join(stateFolder(place, place.port), name),
      );
      const modes = await Promise.all(
        [...secretFilesOf(homeOf(place).folder, place.registry), ...kept].map(async (path) => ({
          path,
          mode: await modeOf(path),
        })),
      );
      const open = modes.filter(({ mode }) => mode !== undefined && (mode & 0o077) !== 0).map(({ path }) => path);
      if (open.length === 0) return [ok("files", "those with secrets are readable by you alone")];
      return [warning("files", `other users can read ${open.join(", ")}.`, `chmod 600 ${open.map(quoted).join(" ")}`)];
    },
  };
}

/** Undefined where there is no such file. */
async function modeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mode;
  } catch {
    // Nothing is kept there.
    return undefined;
  }
}

interface VariablesOptions {
  servers: readonly FileEntry[];
  registry: string;
  /** Of stdio servers: the bridge's own, with .env. */
  environment: Environment;
  /** Of remote servers: the Worker's secrets. */
  workerEnvironment: Environment;
}

/** Variables that entries refer to and that are not set. */
export function variablesCheck({ servers, registry, environment, workerEnvironment }: VariablesOptions): Check {
  return {
    name: "variables",
    async run() {
      const findings = servers.flatMap(({ id, mcp }): Finding[] => {
        const missing =
          mcp.transport === "stdio"
            ? missingIn([mcp.args, mcp.env], environment)
            : missingIn([[mcp.url], mcp.headers], workerEnvironment);
        if (missing.length === 0) return [];
        const file = join(dirname(registry), ".env");
        return [warning("variables", `${id} needs ${missing.join(", ")}, not set.`, `write ${missing[0]}=… into ${file}`)];
      });
      return findings.length > 0 ? findings : [ok("variables", "all that the registry refers to are set")];
    },
  };
}

function missingIn([texts, record]: [readonly string[], Record<string, string>], environment: Environment): string[] {
  const known: Environment = (name) => (name === "MCP_PROJECT_ROOT" ? name : environment(name));
  const missing = [...texts.flatMap((text) => interpolate(text, known).missing), ...interpolateRecord(record, known).missing];
  return [...new Set(missing)];
}

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
