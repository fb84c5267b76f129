import { isRecord } from "../json.ts";
import { toIdentifier } from "../registry/identifiers.ts";
import { oneLine, startOf, visibleJson } from "../text.ts";
import { formsOf, kindOf, propertiesOf, requiredOf, type Schema } from "./argument-schema.ts";
import { problemsOf } from "./validate.ts";

/*
 * A saved program as an Agent Skill (agentskills.io): a folder with one file, SKILL.md, that tells an agent how to call it. It is written
 * to disk by the command line, and served over MCP (SEP-2640). Names, descriptions and schemas are those that a program wrote.
 */

/** What a skill needs to know of a saved program. */
export interface SkilledTool {
  name: string;
  description: string;
  inputSchema: Schema;
  examples?: readonly unknown[] | undefined;
}

/** By which tool of ours an agent calls it: `direct` is the one of `?mode=direct`. */
export type SkillCaller = "code" | "direct";

export interface Skill {
  /** Where it is served: `skill://saved/weekly-report/SKILL.md`. No two saved programs have the same. */
  uri: string;
  /** Lower-case letters, digits and single hyphens, at most 64: the name of its folder. Two programs may have the same. */
  name: string;
  /** One line of at most 1,000 characters, never empty. */
  description: string;
  /** SKILL.md. */
  text: string;
}

/** What `skills/list` says of a skill. The text is told only where one skill is asked for. */
export interface ServedSkill extends Omit<Skill, "text"> {
  /** SHA-256 of SKILL.md, in hexadecimal digits. */
  sha256: string;
  /** Of SKILL.md, in bytes of UTF-8. */
  size: number;
  text?: string;
}

export function skillOf(tool: SkilledTool, caller: SkillCaller = "code"): Skill {
  const { name, description } = frontmatterOf(tool);
  return { uri: uriOf(tool.name, name), name, description, text: textOf(tool, { name, description, caller }) };
}

function frontmatterOf(tool: SkilledTool): { name: string; description: string } {
  const description = startOf(shown(tool.description), descriptionCharsMax).trim();
  return { name: skillName(tool.name), description: description === "" ? `The saved program ${tool.name}.` : description };
}

/** The specification of skills allows 1,024. */
const descriptionCharsMax = 1_000;

function skillName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
}

/**
 * Its last folder has to be the skill's name, which drops case and marks. Where the name in code cannot be told from that, it is a folder
 * before it. That one is no possible name of a skill, so no skill is inside another.
 */
function uriOf(name: string, skill: string): string {
  const identifier = toIdentifier(name);
  const isPlain = identifier === skill.replaceAll("-", "_");
  return `skill://saved/${isPlain ? "" : `${identifier}/`}${skill}/SKILL.md`;
}

interface Words {
  name: string;
  description: string;
  caller: SkillCaller;
}

/**
 * No line begins with words of the program, so that none of them is a fence, a heading or a rule. In the front matter, JSON of a line
 * without line breaks and control characters is a string of YAML too.
 */
function textOf(tool: SkilledTool, { name, description, caller }: Words): string {
  const isCall = (found: unknown) => isRecord(found) && problemsOf(found, tool.inputSchema).length === 0;
  const example = tool.examples?.filter(isRecord).find(isCall) ?? exampleOf(tool.inputSchema);
  return `---
name: ${name}
description: ${JSON.stringify(description)}
---

What it does: ${shown(tool.description) || description}

${callOf(toIdentifier(tool.name), { example, caller })}

${argumentsText(tool.inputSchema)}
`;
}

function callOf(identifier: string, { example, caller }: { example: object; caller: SkillCaller }): string {
  const json = visibleJson(JSON.stringify(example));
  const [tool, language, call] =
    caller === "code"
      ? ["execute_mcp_code", "ts", `return await saved.${identifier}(${json});`]
      : ["call_mcp_tool", "json", `{"server":"saved","tool":"${identifier}","args":${json}}`];
  return `One call of \`${tool}\` (server mcp-dynamic-orchestrator):

\`\`\`${language}
${call}
\`\`\``;
}

function argumentsText(inputSchema: Schema): string {
  const required = requiredOf(inputSchema);
  const lines = Object.entries(propertiesOf(inputSchema)).map(([name, schema]) => {
    const traits = [
      shown(kindOf(schema)),
      ...(required.includes(name) ? ["required"] : []),
      ...(schema.default === undefined ? [] : [`default ${visibleJson(JSON.stringify(schema.default))}`]),
    ];
    const description = typeof schema.description === "string" ? shown(schema.description) : "";
    const key = toIdentifier(name) === name ? name : visibleJson(JSON.stringify(name));
    return `- ${key} (${traits.join(", ")})${description === "" ? "" : `: ${description}`}`;
  });
  return lines.length === 0 ? "It takes no arguments." : ["Arguments:", "", ...lines].join("\n");
}

/** On one line and without what nobody sees. "---" at its start would end the front matter for a careless reader. */
function shown(text: string): string {
  return oneLine(text.replace(/\s+/g, " "))
    .replace(/\p{Noncharacter_Code_Point}/gu, "")
    .replaceAll("---", "—")
    .trim();
}

/** Every required argument with a value of its type; of a choice, those of the first object. */
function exampleOf(inputSchema: Schema): object {
  const [first = {}] = formsOf(inputSchema);
  const properties = propertiesOf(first);
  return Object.fromEntries(
    requiredOf(first).map((name) => [name, valueLike(Object.hasOwn(properties, name) ? properties[name] : {})]),
  );
}

function valueLike(schema: Schema = {}): unknown {
  if (Array.isArray(schema.enum)) return schema.enum[0];
  if (schema.const !== undefined) return schema.const;
  const samples: Record<string, unknown> = { number: 1, integer: 1, boolean: true, array: [], object: {} };
  return samples[String(schema.type)] ?? "…";
}
