import type { Catalog } from "../catalog/catalog.ts";
import { OrchestratorError } from "../errors.ts";
import { findServer } from "../registry/allow-list.ts";
import { nameTools } from "../registry/identifiers.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { cutText, withoutInvisible } from "../text.ts";
import { type ArgumentForm, argumentForm } from "./argument-form.ts";
import { namedTools } from "./describe.ts";
import { discoveryLimits } from "./discovery-limits.ts";

/** A tool as a person tries it. All of it is the words of its server. */
export interface ToolForm extends ArgumentForm {
  server: string;
  /** Its wire name, and how a program calls it. */
  tool: string;
  identifier: string;
  description: string;
  /** What the server says of it, which may be wrong. */
  isReadOnly: boolean;
  isDestructive: boolean;
}

interface ToolFormParts {
  servers: readonly ServerEntry[];
  catalog: Catalog;
}

/** Rejects with `server_unknown`, `tool_unknown`, or with the reason why the tools cannot be listed. */
export function createToolForms({ servers, catalog }: ToolFormParts) {
  return async ({ server: id, tool: wanted }: { server: string; tool: string }): Promise<ToolForm> => {
    const server = findServer(servers, id);
    const { tools } = await catalog.load(server);
    const [tool] = namedTools({ server, tools }, [wanted]);
    if (tool === undefined) throw new OrchestratorError("tool_unknown", `No such tool on ${server.id}.`);
    const { name, title, description = title ?? "", inputSchema, annotations = {} } = tool;
    return {
      ...{ server: server.id, tool: name, identifier: nameTools(tools).get(name) ?? name },
      description: cutText(withoutInvisible(description), discoveryLimits.formTextCharsMax),
      isReadOnly: annotations.readOnlyHint === true,
      isDestructive: annotations.readOnlyHint !== true && annotations.destructiveHint === true,
      ...argumentForm(inputSchema),
    };
  };
}
