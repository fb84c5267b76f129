import type { Catalogue } from "./catalog.ts";
import { closestHint, closestTo, named } from "./closest.ts";
import { declareClient } from "./codegen/declaration.ts";
import { nameTools } from "./codegen/identifiers.ts";
import { oneLine } from "./codegen/jsdoc.ts";
import { signatureOf } from "./codegen/signature.ts";
import { OrchestratorError } from "./errors.ts";
import { limits } from "./limits.ts";
import type { ServerEntry } from "./registry.ts";
import { createSearch } from "./search.ts";
import type { Tool } from "./tool.ts";

export interface ToolLine {
  /** Wire name. */
  name: string;
  /** The call in one line of TypeScript. */
  signature: string;
  description?: string;
}

export interface Selection {
  tools?: string[] | undefined;
  query?: string | undefined;
}

/** One line of TypeScript and one of description for each selected tool; what does not fit is named in `omitted`. */
export function describeTools(server: ServerEntry, catalogue: Catalogue, selection: Selection) {
  const selected = selectTools(server, catalogue, selection);
  const names = nameTools(catalogue.tools.map((tool) => tool.name));
  const shown = selected.slice(0, limits.describeToolsMax);
  const tools: ToolLine[] = shown.map((tool) => {
    const description = oneLine(tool.description ?? tool.title ?? "", limits.descriptionLineCharsMax);
    return {
      name: tool.name,
      signature: signatureOf(names.get(tool.name) ?? tool.name, tool),
      ...(description === "" ? {} : { description }),
    };
  });
  return { tools, total: catalogue.tools.length, ...omittedOf(selected.slice(limits.describeToolsMax).map((tool) => tool.name)) };
}

/** The declaration of the selected tools, exactly as `mcp-clients/<id>` declares them, standing on its own. */
export function describeSchema(server: ServerEntry, catalogue: Catalogue, selection: Selection) {
  const selected = selectTools(server, catalogue, selection);
  const { declaration, included, omitted } = declareClient({
    server,
    tools: catalogue.tools,
    only: selected.map((tool) => tool.name),
    charsMax: limits.describeSchemaCharsMax,
  });
  return { tools: included, declaration, ...omittedOf(omitted) };
}

/** What did not fit, by name as far as names fit: a server may have thousands. */
function omittedOf(names: readonly string[]): { omitted?: string[] } {
  if (names.length === 0) return {};
  const rest = names.length - limits.describeOmittedMax;
  const shown = names.slice(0, limits.describeOmittedMax);
  return { omitted: rest > 0 ? [...shown, `… ${rest} more; narrow them down with query`] : shown };
}

/** @throws OrchestratorError `tool_unknown` naming every name that is not there and the closest that are */
function selectTools(server: ServerEntry, catalogue: Catalogue, { tools: wanted, query }: Selection): Tool[] {
  const byName = new Map(catalogue.tools.map((tool) => [tool.name, tool]));
  if (wanted !== undefined && wanted.length > 0) {
    const missing = wanted.filter((name) => !byName.has(name)).slice(0, limits.inputProblemsMax);
    if (missing.length > 0) {
      const suggestions = [...new Set(missing.flatMap((name) => closestTo(name, [...byName.keys()])))];
      throw new OrchestratorError(
        "tool_unknown",
        `No tool ${missing.map((name) => `"${named(name)}"`).join(", ")} on ${server.id}.${closestHint(suggestions)}`,
        { phase: "input", server: server.id, suggestions },
      );
    }
    return [...new Set(wanted)].map((name) => byName.get(name)).filter((tool) => tool !== undefined);
  }
  if (query === undefined || query.trim() === "") return catalogue.tools;
  const search = createSearch([server], () => catalogue);
  const found = search.rankTools(query, server);
  return found.length > 0 ? found : catalogue.tools;
}
