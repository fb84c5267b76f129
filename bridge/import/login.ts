import { z } from "zod";
import type { NameSecret } from "../../core/registry/hidden-secrets.ts";

const text = z.string().optional().catch(undefined);

/**
 * An OAuth client that the user registered: Claude writes it as `oauth` in camel case, opencode too, and in its second version in snake
 * case, Cursor as `auth` in capitals.
 */
const OauthClient = z.looseObject({
  clientId: z.string().optional(),
  client_id: text,
  clientSecret: text,
  client_secret: text,
  scope: text,
});
const CursorClient = z.looseObject({
  CLIENT_ID: z.string(),
  CLIENT_SECRET: z.string().optional(),
  scopes: z.array(z.string()).optional(),
});

const Login = z.object({
  // opencode writes false for a server without a login.
  oauth: z.union([OauthClient, z.literal(false).transform(() => undefined)]).optional(),
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
  const clientId = auth?.CLIENT_ID ?? oauth?.clientId ?? oauth?.client_id;
  if (clientId === undefined) return { auth: "oauth" };
  const written = auth?.CLIENT_SECRET ?? oauth?.clientSecret ?? oauth?.client_secret;
  const secret = written === undefined ? undefined : translate(written);
  const scopes = auth?.scopes ?? (oauth?.scope?.match(/\S+/g) || undefined);
  const isReference = secret?.startsWith("${env:") === true;
  return {
    auth: "oauth",
    oauth: {
      clientId: translate(clientId),
      ...(secret && { clientSecret: isReference ? secret : nameSecret({ value: secret, name: "CLIENT_SECRET" }) }),
      ...(scopes && { scopes }),
    },
  };
}

/** The fields of a login that have no counterpart in a registry entry. */
export function ignoredInLogin({ oauth, auth }: Login): string[] {
  const of = (client: object | undefined, at: string, taken: readonly string[]) =>
    Object.keys(client ?? {}).flatMap((field) => (taken.includes(field) ? [] : `${at}.${field}`));
  return [...of(oauth, "oauth", Object.keys(OauthClient.shape)), ...of(auth, "auth", ["CLIENT_ID", "CLIENT_SECRET", "scopes"])];
}
