import { z } from "zod";
import type { NameSecret } from "../../core/registry/hidden-secrets.ts";

/** An OAuth client that the user registered: Claude writes it as `oauth` in camel case, Cursor as `auth` in capitals. */
const ClaudeClient = z.looseObject({ clientId: z.string().optional() });
const CursorClient = z.looseObject({
  CLIENT_ID: z.string(),
  CLIENT_SECRET: z.string().optional(),
  scopes: z.array(z.string()).optional(),
});

const Login = z.object({
  // opencode writes false for a server without a login.
  oauth: z.union([ClaudeClient, z.literal(false).transform(() => undefined)]).optional(),
  auth: CursorClient.optional(),
});
type Login = z.infer<typeof Login>;
export const loginFields = Login.shape;

interface LoginContext {
  translate: (text: string) => string;
  nameSecret: NameSecret;
}

/** The `auth` and `oauth` fields of a registry entry; none for a server without a login. */
export function loginOf({ oauth, auth }: Login, { translate, nameSecret }: LoginContext): object {
  if (oauth === undefined && auth === undefined) return {};
  const clientId = auth?.CLIENT_ID ?? oauth?.clientId;
  if (clientId === undefined) return { auth: "oauth" };
  const secret = auth?.CLIENT_SECRET === undefined ? undefined : translate(auth.CLIENT_SECRET);
  const isReference = secret?.startsWith("${env:") === true;
  return {
    auth: "oauth",
    oauth: {
      clientId: translate(clientId),
      ...(secret && { clientSecret: isReference ? secret : nameSecret({ value: secret, name: "CLIENT_SECRET" }) }),
      ...(auth?.scopes && { scopes: auth.scopes }),
    },
  };
}

/** The fields of a login that have no counterpart in a registry entry. */
export function ignoredInLogin({ oauth, auth }: Login): string[] {
  const of = (client: object | undefined, at: string, taken: readonly string[]) =>
    Object.keys(client ?? {}).flatMap((field) => (taken.includes(field) ? [] : `${at}.${field}`));
  return [...of(oauth, "oauth", ["clientId"]), ...of(auth, "auth", ["CLIENT_ID", "CLIENT_SECRET", "scopes"])];
}
