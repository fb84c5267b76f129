import { z } from "zod";
import type { Catalog } from "./catalogs.ts";
import { fetched } from "./fetched.ts";
import type { Query } from "./queries.ts";

/*
 * Two public sets of requests that language models wrote for tools of their own. Many of their tools do the same as others, so that only the
 * ratio of two searches means something.
 */

const sealTools = { repository: "fairyshine/Seal-Tools", commit: "ce753ecd60ed08dd376984035de531ab8421f1c6" };
const metaTool = { repository: "HowieHwong/MetaTool", commit: "35e81bb7576826e980c80fed8f8c0a2b4a1e6fbb" };

export interface OtherSet {
  title: string;
  catalogs: ReadonlyMap<string, Catalog>;
  queries: readonly Query[];
}

/** Undefined, with the reason told, for one that cannot be fetched. */
export async function gatherOtherSets(onStep: (title: string) => void): Promise<OtherSet[]> {
  const sets: OtherSet[] = [];
  for (const gather of [gatherMetaTool, gatherSealTools]) {
    try {
      sets.push(await gather());
    } catch (error) {
      onStep(`left out: ${error instanceof Error ? error.message : error}`);
    }
  }
  return sets;
}

const SealTool = z.object({
  api_name: z.string(),
  api_description: z.string(),
  field: z.string(),
  parameters: z.record(z.string(), z.object({ description: z.string().default("") })),
});
const SealQuery = z.object({ id: z.string(), query: z.string(), calling: z.array(z.object({ api: z.string() })) });

/** Seal-Tools (Apache-2.0): 4,076 tools in 146 fields, which stand for servers, and the requests for a single call. */
async function gatherSealTools(): Promise<OtherSet> {
  const read = async (name: string) => linesOf(await fetched({ ...sealTools, path: `Seal-Tools_Dataset/${name}.jsonl` }));
  const tools = (await read("tool")).map((line) => SealTool.parse(JSON.parse(line)));
  const fieldOf = new Map(tools.map(({ api_name, field }) => [api_name, idOf(field.split("/")[0] ?? field)]));
  const catalogs = new Map<string, Catalog>();
  for (const { api_name: name, api_description: description, parameters: properties } of tools) {
    const id = fieldOf.get(name) ?? name;
    const catalog = catalogs.get(id) ?? emptyCatalog(id.replaceAll("-", " "));
    catalog.tools.push({ name, description, inputSchema: { type: "object", properties } });
    catalogs.set(id, catalog);
  }
  const lines = [...(await read("dev")), ...(await read("test_in_domain")), ...(await read("test_out_domain"))];
  const queries = lines.flatMap((line) => {
    const { id, query, calling } = SealQuery.parse(JSON.parse(line));
    const [call] = calling;
    const field = call && fieldOf.get(call.api);
    if (!id.includes("easy") || calling.length !== 1 || call === undefined || field === undefined) return [];
    return [neutral(query, `${field}/${call.api}`)];
  });
  return { title: "Seal-Tools", catalogs, queries: someOf(queries) };
}

const Descriptions = z.record(z.string(), z.string());

/** MetaTool (MIT): plugins of one tool each, known by one line, and two of the requests for each. */
async function gatherMetaTool(): Promise<OtherSet> {
  const read = (path: string) => fetched({ ...metaTool, path: `dataset/${path}` });
  const described = {
    ...Descriptions.parse(JSON.parse(await read("plugin_des.json"))),
    ...Descriptions.parse(JSON.parse(await read("big_tool_des.json"))),
  };
  const descriptions = new Map(Object.entries(described).map(([name, text]) => [name.toLowerCase(), text]));
  const catalogs = new Map<string, Catalog>();
  const asked = new Map<string, string[]>();
  for (const line of linesOf(await read("data/all_clean_data.csv")).slice(1)) {
    const comma = line.lastIndexOf(",");
    const name = line.slice(comma + 1).trim();
    const description = descriptions.get(name.toLowerCase());
    if (description === undefined) continue;
    const texts = asked.get(name) ?? [];
    if (texts.length < requestsPerTool) texts.push(line.slice(0, comma).replace(/^"|"$/g, ""));
    asked.set(name, texts);
    catalogs.set(idOf(name), { ...emptyCatalog(""), tools: [{ name, description, inputSchema: { type: "object" } }] });
  }
  const queries = [...asked].flatMap(([name, texts]) => texts.map((text) => neutral(text, `${idOf(name)}/${name}`)));
  return { title: "MetaTool", catalogs, queries: someOf(queries) };
}

const requestsPerTool = 2;

/** Some of them, evenly: plain BM25 takes a while for each. */
function someOf(queries: readonly Query[]): Query[] {
  const step = Math.ceil(queries.length / queriesMax);
  return queries.filter((_query, at) => at % step === 0);
}

const queriesMax = 200;

function neutral(text: string, wanted: string): Query {
  return { kind: "conversational", part: "neutral", text, wanted: [wanted] };
}

function emptyCatalog(description: string): Catalog {
  return { package: "", description, keywords: [], tools: [] };
}

function linesOf(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => line !== "");
}

function idOf(name: string): string {
  return name
    .replace(/([a-z])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}
