import { ProtocolError, ProtocolErrorCode, ResourceNotFoundError, type Result } from "@modelcontextprotocol/server";
import { z } from "zod";
import { limits } from "../../core/limits.ts";
import type { SkillMethod } from "../../core/mcp/skills.ts";
import type { ServedSkill } from "../../core/saved/skill.ts";

/** The skills of the session: all of them, or the one at `uri` with its text. */
export type ReadSkills = (uri?: string) => Promise<ServedSkill[]>;

const Named = z.looseObject({ uri: z.string().max(limits.featureNameCharsMax) });

/**
 * The answer to a method of the Skills extension, or to one of resources: there are no other resources here.
 * @throws ProtocolError when nothing is at that address
 */
export async function answerSkills(method: SkillMethod, params: unknown, read: ReadSkills): Promise<Result> {
  switch (method) {
    case "resources/templates/list":
      return { resourceTemplates: [] };
    case "resources/list":
      return { resources: (await read()).map(resourceOf) };
    case "skills/list":
      return { skills: (await read()).map(entryOf), ...freshness };
    case "skills/get": {
      const [uri, skill] = await findSkill(params, read);
      if (skill === undefined) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `No skill is served at ${uri}`);
      return { skill: entryOf(skill), ...freshness };
    }
    case "resources/read": {
      const [uri, skill] = await findSkill(params, read);
      if (skill?.text === undefined) throw new ResourceNotFoundError(uri);
      return { contents: [{ uri, mimeType, text: skill.text }] };
    }
  }
}

/** Another program may be saved at any time, and it is for one principal alone. */
const freshness = { ttlMs: 0, cacheScope: "private" };
const mimeType = "text/markdown";

async function findSkill(params: unknown, read: ReadSkills): Promise<[string, ServedSkill | undefined]> {
  const named = Named.safeParse(params);
  if (!named.success) throw new ProtocolError(ProtocolErrorCode.InvalidParams, "params.uri has to be the URI of a SKILL.md.");
  const { uri } = named.data;
  const [skill] = uri.startsWith("skill://") ? await read(uri) : [];
  return [uri, skill];
}

function resourceOf({ uri, name, description, size }: ServedSkill) {
  return { uri, name, description, mimeType, size };
}

function entryOf({ uri, name, description, sha256, size }: ServedSkill) {
  return { uri, frontmatter: { name, description }, resources: [{ uri, digest: `sha256:${sha256}`, size }] };
}
