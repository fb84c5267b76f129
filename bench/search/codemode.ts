import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { z } from "zod";
import type { Catalog } from "./catalogs.ts";
import type { Finder } from "./ours.ts";

/*
 * The search of the published @cloudflare/codemode. It is made for Workers, but its search uses nothing of them. So in Node it
 * gets empty classes with the same names, and a session without saved snippets.
 */

const platform = `export class DurableObject {}
export class RpcTarget {}
export class WorkerEntrypoint { constructor(ctx, env) { this.ctx = ctx; this.env = env; } }`;

const Results = z.object({ results: z.array(z.object({ connector: z.string(), method: z.string() })) });

export function codemodeVersion(): string {
  const manifest = new URL("../node_modules/@cloudflare/codemode/package.json", import.meta.url);
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(manifest, "utf8"))).version;
}

/** Makes `cloudflare:workers` importable in Node, for all modules that are loaded from then on. */
export function provideWorkerClasses(): void {
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "cloudflare:workers"
        ? { url: `data:text/javascript,${encodeURIComponent(platform)}`, shortCircuit: true }
        : next(specifier, context),
  });
}

export async function createCodemode(catalogs: ReadonlyMap<string, Catalog>): Promise<Finder> {
  provideWorkerClasses();
  const { CodemodeConnector, createCodemodeRuntime } = await import("@cloudflare/codemode");
  const session = { exports: { CodemodeRuntime: class {} }, facets: { get: () => ({ listSnippets: async () => [] }) } };

  class Connector extends CodemodeConnector {
    readonly #id: string;
    readonly #catalog: Catalog;

    constructor({ id, catalog }: { id: string; catalog: Catalog }) {
      super(session, {});
      this.#id = id;
      this.#catalog = catalog;
    }

    override name(): string {
      return this.#id;
    }

    protected override tools() {
      return Object.fromEntries(
        this.#catalog.tools.map(({ name, description = "", inputSchema }) => [
          name,
          { description, inputSchema, execute: async () => undefined },
        ]),
      );
    }
  }

  const runtime = createCodemodeRuntime({
    ctx: session,
    executor: { execute: async () => ({ result: undefined }) },
    connectors: [...catalogs].map(([id, catalog]) => new Connector({ id, catalog })),
  });
  return async (query) => {
    const { results } = Results.parse(await runtime.search(query));
    return {
      servers: [...new Set(results.map(({ connector }) => connector))],
      tools: results.map(({ connector, method }) => `${connector}/${method}`),
    };
  };
}
