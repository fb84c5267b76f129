import { notAllowed } from "../policy/rules.ts";
import { findServer } from "../registry/allow-list.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { Visibility } from "../registry/registry.ts";
import { readInput } from "./input.ts";
import type { Listing } from "./list.ts";
import { runtimeHelp } from "./runtime-help.ts";
import { DescribeInput, ListInput } from "./tool-definitions.ts";

/** `help` of the module `runtime`. Its arguments come from user code, unchecked. */
export type Help = (args: readonly unknown[], allowed: readonly ServerEntry[]) => Promise<unknown>;

interface HelpParts {
  servers: readonly ServerEntry[];
  list: (input: ListInput, among: readonly ServerEntry[]) => Listing;
  describe: (input: DescribeInput) => Promise<object>;
  /** Resolves when a search has everything indexed. */
  prepare: () => Promise<void>;
}

/**
 * Discovery from within a program, so that a single run can find a tool and call it. Answers like list_mcp_capabilities and
 * describe_mcp, but only for the servers that the run may use.
 *
 *   help()                      the servers
 *   help({ query: "…" })        those that match, best first, with tools
 *   help("time")                its tools, which are fetched if necessary
 *   help("time", { query | tools, detail: "schema" })
 *                               only some tools, or their full declarations
 *   help("runtime")             the module itself
 */
export function createHelp({ servers, list, describe, prepare }: HelpParts): Help {
  return async ([about, options], allowed) => {
    if (typeof about !== "string") {
      const input = readInput(ListInput, { visibility: Visibility.options, ...recordOf(about) });
      if (input.query !== undefined) await prepare();
      return list(input, allowed).servers;
    }
    if (about === runtimeHelp.id) return runtimeHelp;
    const server = findServer(servers, about);
    if (!allowed.includes(server)) {
      throw notAllowed(server);
    }
    return describe(readInput(DescribeInput, { ...recordOf(options), id: server.id }));
  };
}

function recordOf(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}
