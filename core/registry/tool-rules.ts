import { z } from "zod";

const wrongName =
  'a principal is "owner", "token:" and a name of AUTH_TOKENS, "jwt:" and the subject of a JWT, "binding:" and the principal of a service binding, or "u_…" as the audit shows it';

const PrincipalName = z
  .string()
  .regex(/^(?:owner|u_[A-Za-z0-9_-]{22}|token:[\w.@-]{1,64}|jwt:\S{1,255}|binding:[\w.:@-]{1,128})$/);

const patterns = z.array(z.string()).optional();

/** Which calls a person is asked about. */
const AskingRules = z.strictObject({
  alwaysAllow: patterns.describe("A person is never asked about calls of these tools. Names, or patterns with *."),
  ask: patterns.describe(
    "A person has to allow each call of these tools. Names, or patterns with *; the one that says more counts.",
  ),
});
export type AskingRules = z.infer<typeof AskingRules>;

export const ToolRules = z.strictObject({
  allow: z
    .array(z.string())
    .optional()
    .describe("Only these tools exist for programs; `$resources` and `$prompts` count among them."),
  deny: z.array(z.string()).optional().describe("These tools, `$resources` or `$prompts` do not exist for programs."),
  ...AskingRules.shape,
  principals: z
    .record(PrincipalName, AskingRules, { error: ({ code }) => (code === "invalid_key" ? wrongName : undefined) })
    .optional()
    .describe(
      "alwaysAllow and ask for single principals. Where one of their patterns fits a tool, the lists for all do not count.",
    ),
});
export type ToolRules = z.infer<typeof ToolRules>;

/** The entry as it is for one principal: of the rules for single principals only its own are left. */
export function withRulesFor<Entry extends { tools: ToolRules }>(server: Entry, isCalled: (name: string) => boolean): Entry {
  const { principals, ...tools } = server.tools;
  if (principals === undefined) return server;
  const own = Object.entries(principals).filter(([name]) => isCalled(name));
  return { ...server, tools: { ...tools, ...(own.length > 0 && { principals: Object.fromEntries(own) }) } };
}
