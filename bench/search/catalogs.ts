import { readdirSync, readFileSync } from "node:fs";
import { z } from "zod";

const CapturedTool = z.object({
  name: z.string(),
  title: z.string().optional(),
  description: z.string().optional(),
  inputSchema: z.record(z.string(), z.unknown()),
});

/** A published server's description and tools when it was captured. */
export const Catalog = z.object({
  /** `name@version`, as on npm. */
  package: z.string(),
  description: z.string(),
  keywords: z.array(z.string()),
  tools: z.array(CapturedTool),
});
export type Catalog = z.infer<typeof Catalog>;

const folder = new URL("catalogs/", import.meta.url);

export function catalogFile(id: string): URL {
  return new URL(`${id}.json`, folder);
}

/** Every captured server, by id. */
export function readCatalogs(): Map<string, Catalog> {
  const ids = readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .map((file) => file.slice(0, -".json".length))
    .sort();
  return new Map(ids.map((id) => [id, Catalog.parse(JSON.parse(readFileSync(catalogFile(id), "utf8")))]));
}

/** One line per tool, so that a diff shows which tools changed. Schemas are reduced to the parameter names that a search reads. */
export function compact({ tools, ...server }: Catalog): string {
  const head = JSON.stringify(server).slice(0, -1);
  const lines = tools.map((tool) => JSON.stringify({ ...tool, inputSchema: outline(tool.inputSchema) }));
  return `${head},"tools":[\n${lines.join(",\n")}\n]}\n`;
}

function outline({ properties }: Record<string, unknown>): Record<string, unknown> {
  if (typeof properties !== "object" || properties === null) return { type: "object" };
  return { type: "object", properties: Object.fromEntries(Object.keys(properties).map((name) => [name, {}])) };
}
