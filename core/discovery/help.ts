import { OrchestratorError } from "../errors.ts";
import { findServer, notAllowedMessage } from "../registry/allow-list.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { Visibility } from "../registry/registry.ts";
import { readInput } from "./input.ts";
import type { Listing } from "./list.ts";
import { DescribeInput, ListInput } from "./tool-definitions.ts";

/** `help` of the module `runtime`. Its arguments come from user code. */
export type Help = (args: readonly unknown[], allowed: readonly ServerEntry[]) => Promise<unknown>;

interface HelpParts {
  servers: readonly ServerEntry[];
  list: (input: ListInput, among: readonly ServerEntry[]) => Listing;
  describe: (input: DescribeInput) => Promise<object>;
}

/**
 * Discovery inside a program, so that one run can find a tool and call it: what list and describe answer, for the servers of
 * the run.
 *
 *   help()                      the servers            help("time")                        its tools, listed if need be
 *   help({ query: "…" })        those that fit, best   help("time", { query | tools,       narrowed, or declared in full
 *                               first, with tools            detail: "schema" })
 */
export function createHelp({ servers, list, describe }: HelpParts): Help {
  return async ([about, options], allowed) => {
    if (typeof about !== "string") {
      const input = readInput(ListInput, { visibility: Visibility.options, ...recordOf(about) });
      return list(input, allowed).servers;
    }
    const server = findServer(servers, about);
    if (!allowed.includes(server)) {
      throw new OrchestratorError("server_not_allowed", notAllowedMessage(server), { server: server.id });
    }
    return describe(readInput(DescribeInput, { ...recordOf(options), id: server.id }));
  };
}

function recordOf(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}
