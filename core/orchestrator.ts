import type { z } from "zod";
import { createCatalog } from "./catalog.ts";
import { oneLine } from "./codegen/jsdoc.ts";
import { describeSchema, describeTools } from "./describe.ts";
import { OrchestratorError, type PublicError, toPublicError } from "./errors.ts";
import { execute, type Outcome, type RunOptions } from "./execute.ts";
import { createTraffic } from "./gate.ts";
import { limits } from "./limits.ts";
import { createListing, type Listing, statusOf } from "./listing.ts";
import { findServer, notAllowedMessage } from "./policy/allow-list.ts";
import type { Clock, Sandbox, Store, TypeChecker, Upstream } from "./ports.ts";
import { isAllowedByDefault, type Registry, type ServerEntry } from "./registry.ts";
import { DescribeInput, ExecuteInput, ListInput } from "./tools.ts";
import { createTypeCheck } from "./typecheck.ts";

/** A refusal as a value: what the model reads instead of an exception. */
export interface Refusal {
  ok: false;
  errors: PublicError[];
}

/** The product, whatever face calls it: three operations that take untrusted input and never reject. */
export interface Orchestrator {
  listCapabilities(input: unknown): Listing | Refusal;
  describe(input: unknown): Promise<object | Refusal>;
  execute(input: unknown, options: RunOptions): Promise<Outcome>;
  /** Lists the tools of default servers that can be reached and have none cached, in the background. Never rejects. */
  discover(canReach: (server: ServerEntry) => boolean): Promise<void>;
  /** A server said that its tools changed: they are listed again before their next use. */
  toolsChanged(id: string): Promise<void>;
}

export interface OrchestratorParts {
  registry: Registry;
  upstream: Upstream;
  sandbox: Sandbox;
  typeChecker: TypeChecker;
  store: Store;
  clock: Clock;
  /** A fresh unguessable name for a stored result. */
  newHandle: () => string;
}

export function createOrchestrator(parts: OrchestratorParts): Orchestrator {
  const { registry, upstream, store, clock } = parts;
  const { servers } = registry;
  const catalog = createCatalog({ upstream, store, clock });
  const list = createListing({ registry, catalog, upstream });
  const traffic = createTraffic();
  const typeCheck = createTypeCheck(parts.typeChecker);

  async function describe(input: DescribeInput): Promise<object> {
    const server = findServer(servers, input.id);
    if (input.detail === "summary") return summaryOf(server);
    const catalogue = await catalog.load(server);
    return input.detail === "tools"
      ? { id: server.id, ...describeTools(server, catalogue, input) }
      : { id: server.id, ...describeSchema(server, catalogue, input) };
  }

  function summaryOf(server: ServerEntry): object {
    const { id, title, summary, domains, tags, examples, sensitivity, visibility } = server;
    return { id, title, summary, ...statusOf(server, { catalog, upstream }), sensitivity, visibility, domains, tags, examples };
  }

  /** Self-description inside a program: the allowed servers, or one server's signatures as far as they are cached. */
  function help(id: string | undefined, allowed: readonly ServerEntry[]): unknown {
    if (id === undefined)
      return allowed.map(({ id: name, title, summary }) => ({
        id: name,
        title,
        summary: oneLine(summary, limits.descriptionLineCharsMax),
      }));
    const server = findServer(servers, id);
    if (!allowed.includes(server)) throw new OrchestratorError("server_not_allowed", notAllowedMessage(server), { server: id });
    const catalogue = catalog.cached(server);
    return catalogue ? describeTools(server, catalogue, {}) : summaryOf(server);
  }

  return {
    listCapabilities(input) {
      try {
        return list(readInput(ListInput, input));
      } catch (error) {
        return refusal(error);
      }
    },
    async describe(input) {
      try {
        return await describe(readInput(DescribeInput, input));
      } catch (error) {
        return refusal(error);
      }
    },
    async execute(input, options) {
      let checked: ExecuteInput;
      try {
        checked = readInput(ExecuteInput, input);
      } catch (error) {
        return { ...refusal(error), durationMs: 0 };
      }
      return execute({ ...parts, servers, catalog, traffic, typeCheck, help }, checked, options);
    },
    async discover(canReach) {
      await catalog.discover(
        servers.filter((server) => server.autoDiscoverTools && isAllowedByDefault(server) && canReach(server)),
      );
    },
    async toolsChanged(id) {
      const server = servers.find((candidate) => candidate.id === id);
      // A failure is kept by the catalogue and shown as the server's status.
      if (server) await catalog.refresh(server).catch(() => undefined);
    },
  };
}

/** @throws OrchestratorError `invalid_input` that names every field that is wrong */
function readInput<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input ?? {});
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues
    .slice(0, limits.inputProblemsMax)
    .map((issue) => (issue.path.length === 0 ? issue.message : `${issue.path.join(".")}: ${issue.message}`));
  throw new OrchestratorError("invalid_input", `${problems.join("; ")}.`);
}

function refusal(error: unknown): Refusal {
  return { ok: false, errors: [toPublicError(error)] };
}
