import { z } from "zod";
import type { Catalog } from "./catalogs.ts";
import { fetched } from "./fetched.ts";
import type { Query } from "./queries.ts";

/*
 * The servers and steps of a public benchmark that the ranking was not made for: LiveMCPBench (Apache-2.0), 95 tasks over 70 servers,
 * https://github.com/icip-cas/LiveMCPBench. About a tenth of its labels are wrong. It is fetched once and kept outside git.
 */

const origin = { repository: "icip-cas/LiveMCPBench", commit: "a928e57d1ee7a25579b9a7036030faffff72d15b" };

const Tools = z.array(
  z.object({
    description: z.string().default(""),
    tools: z.record(
      z.string(),
      z.object({
        tools: z
          .array(
            z.object({
              name: z.string(),
              description: z.string().nullish(),
              inputSchema: z.record(z.string(), z.unknown()).catch({ type: "object" }),
            }),
          )
          .default([]),
      }),
    ),
  }),
);

const Tasks = z.array(z.object({ "Annotator Metadata": z.object({ Steps: z.string(), Tools: z.string() }) }));

export interface Neutral {
  catalogs: ReadonlyMap<string, Catalog>;
  /** Steps of the tasks whose annotators name one tool for each, with that tool. */
  steps: readonly Query[];
}

/** Undefined, with the reason told, where it cannot be fetched. */
export async function gatherNeutral(onStep: (title: string) => void): Promise<Neutral | undefined> {
  try {
    const read = async (path: string) => JSON.parse(await fetched({ ...origin, path }));
    const catalogs = catalogsOf(Tools.parse(await read("tools/LiveMCPTool/tools.json")));
    return { catalogs, steps: stepsOf(Tasks.parse(await read("annotated_data/all_annotations.json")), catalogs) };
  } catch (error) {
    onStep(`LiveMCPBench: left out, ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

function catalogsOf(servers: z.infer<typeof Tools>): Map<string, Catalog> {
  const catalogs = new Map<string, Catalog>();
  for (const { description, tools } of servers) {
    for (const [name, listed] of Object.entries(tools)) {
      const plain = name.replace(/\s+/g, "-");
      const listing = listed.tools.map((tool) => ({ ...tool, description: tool.description ?? "" }));
      catalogs.set(catalogs.has(plain) ? `${plain}-2` : plain, { package: "", description, keywords: [], tools: listing });
    }
  }
  return catalogs;
}

function stepsOf(tasks: z.infer<typeof Tasks>, catalogs: ReadonlyMap<string, Catalog>): Query[] {
  const paths = [...catalogs].flatMap(([id, { tools }]) => tools.map(({ name }) => ({ name, path: `${id}/${name}` })));
  return tasks.flatMap(({ "Annotator Metadata": { Steps, Tools: names } }) => {
    const steps = itemsOf(Steps);
    const tools = itemsOf(names);
    if (steps.length !== tools.length) return [];
    return steps.flatMap((text, at): Query[] => {
      const wanted = paths.filter(({ name }) => name === tools[at]).map(({ path }) => path);
      return wanted.length === 0 ? [] : [{ kind: "conversational", part: "neutral", text, wanted }];
    });
  });
}

/** The lines of a numbered list. */
function itemsOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.replace(/^\s*\d+[.)]\s*/, "").trim())
    .filter((line) => line !== "");
}
