import { z } from "zod";
import { limits } from "../../../core/limits.ts";
import { loginLimits } from "./login-limits.ts";
import type { Seal } from "./vault.ts";

/** What a login link permits: to log in to one server for one session, unless somebody else has done so already. */
const SealedTicket = z.object({
  /** The session object's name. */
  session: z.string(),
  server: z.string(),
  /** The id of the login to replace; undefined if there was none. */
  replaces: z.string().optional(),
  /** Scopes that the server requires and the present login lacks. */
  scope: z.string().optional(),
  /** Milliseconds since the epoch. */
  until: z.number(),
});
type SealedTicket = z.infer<typeof SealedTicket>;

/** The OAuth `state`: the session and the login attempt that sent the browser to the authorization server. */
const LoginState = z.object({ session: z.string(), attempt: z.string(), until: z.number() });
type LoginState = z.infer<typeof LoginState>;

/** Writes and reads sealed texts, which nobody but this orchestrator can forge or read. */
export interface LoginLinks {
  ticketText(ticket: Omit<SealedTicket, "until">): string;
  /** Undefined for a text that is forged or has expired. */
  readTicket(text: string): SealedTicket | undefined;
  stateText(state: Omit<LoginState, "until">): string;
  readState(text: string): LoginState | undefined;
  /** What the browser that begins a login keeps, to show that it is the one that comes back with this state. */
  browserText(state: string): string;
  isSameBrowser(state: string, text: string): boolean;
}

/** The login attempt that a browser began. */
const Browser = z.object({ attempt: z.string(), until: z.number() });

export function createLoginLinks({ seal, now }: { seal: Seal; now: () => number }): LoginLinks {
  const read = <T extends { until: number }>(schema: z.ZodType<T>, place: string, text: string): T | undefined => {
    if (text.length > loginLimits.loginTextCharsMax) return undefined;
    const opened = schema.safeParse(seal.open(place, text));
    return opened.success && now() < opened.data.until ? opened.data : undefined;
  };
  const readState = (text: string) => read(LoginState, "state", text);
  return {
    ticketText: (ticket) => seal.close("ticket", { ...ticket, until: now() + loginLimits.loginLinkMs }),
    readTicket: (text) => read(SealedTicket, "ticket", text),
    stateText: (state) => seal.close("state", { ...state, until: now() + limits.loginAttemptMs }),
    readState,
    browserText: (state) =>
      seal.close("browser", { attempt: readState(state)?.attempt ?? "", until: now() + limits.loginAttemptMs }),
    isSameBrowser: (state, text) => {
      const attempt = readState(state)?.attempt;
      return attempt !== undefined && read(Browser, "browser", text)?.attempt === attempt;
    },
  };
}
