import { z } from "zod";

/*
 * What the tools answer, for clients that read structured content: a client with a code mode of its own types the tools by it, and
 * every client of the SDK checks an answer against it. So the schemas allow fields they do not name, and require nothing that a
 * refusal, `{ ok: false, errors }`, lacks.
 */

const Errors = z.array(z.looseObject({ code: z.string(), message: z.string() }));

/** Of a large server only the names are told. */
const Tool = z.looseObject({ name: z.string(), signature: z.string().optional(), description: z.string().optional() });

const Server = z.looseObject({
  id: z.string(),
  title: z.string(),
  status: z.string(),
  tools: z.array(Tool).optional(),
});

export const ListOutput = z.looseObject({
  servers: z.array(Server).optional(),
  total: z.number().optional(),
  message: z.string().optional(),
  errors: Errors.optional(),
});

export const DescribeOutput = z.looseObject({
  id: z.string().optional(),
  tools: z.array(z.union([z.string(), Tool])).optional(),
  declaration: z.string().optional(),
  omitted: z.array(z.string()).optional(),
  errors: Errors.optional(),
});

export const RunOutput = z.looseObject({
  ok: z.boolean(),
  result: z.unknown().optional(),
  handle: z.string().optional(),
  errors: Errors.optional(),
});
