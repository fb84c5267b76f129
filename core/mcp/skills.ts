import { z } from "zod";

/*
 * The Skills extension (SEP-2640; modelcontextprotocol/ext-skills, stable): skills are folders of resources, which `skills/list` names
 * with the digests of their files. A server of skills has to declare resources as well, and for one that does, some clients give their
 * model further tools. So ours declares both only to whoever asks for skills, and answers these methods to everybody.
 */

export const skillsExtension = "io.modelcontextprotocol/skills";

/** What is declared to a client that asks for skills. */
export const skillCapabilities = { resources: { listChanged: false }, extensions: { [skillsExtension]: {} } };

/** The methods that such a client calls. */
export const skillMethods = [
  "resources/list",
  "resources/templates/list",
  "resources/read",
  "skills/list",
  "skills/get",
] as const;
export type SkillMethod = (typeof skillMethods)[number];

export function isSkillMethod(method: string | undefined): method is SkillMethod {
  return skillMethods.some((name) => name === method);
}

const capabilitiesKey = "io.modelcontextprotocol/clientCapabilities";
const Declared = z.looseObject({ extensions: z.looseObject({ [skillsExtension]: z.looseObject({}) }) });
const Params = z.union([
  z.looseObject({ capabilities: Declared }),
  z.looseObject({ _meta: z.looseObject({ [capabilitiesKey]: Declared }) }),
]);

/**
 * Whether the client declares the extension, in the parameters of its `initialize` (2025-11-25), or in those of any request of
 * 2026-07-28.
 */
export function declaresSkills(params: unknown): boolean {
  return Params.safeParse(params).success;
}
