import { z } from "zod";
import { limits } from "../../../core/limits.ts";
import type { Seal } from "./vault.ts";

/** What a login link lets its opener do: log one server of one session in, as long as nobody else has. */
const SealedTicket = z.object({
  /** The session object's name. */
  session: z.string(),
  server: z.string(),
  /** The login that it is to replace; none when there was none. */
  replaces: z.string().optional(),
  /** Scopes that the server asked for beyond those it has. */
  scope: z.string().optional(),
  /** Milliseconds since the epoch. */
  until: z.number(),
});
type SealedTicket = z.infer<typeof SealedTicket>;

/** What comes back from the authorization server as `state`: which session sent a browser there, and with which attempt. */
const LoginState = z.object({ session: z.string(), attempt: z.string(), until: z.number() });
type LoginState = z.infer<typeof LoginState>;

/** Texts that only this orchestrator can have written, and only it can read. */
export interface LoginLinks {
  ticketText(ticket: Omit<SealedTicket, "until">): string;
  /** Undefined when it is not ours, or its time is over. */
  readTicket(text: string): SealedTicket | undefined;
  stateText(state: Omit<LoginState, "until">): string;
  readState(text: string): LoginState | undefined;
}

export function createLoginLinks({ seal, now }: { seal: Seal; now: () => number }): LoginLinks {
  const read = <T extends { until: number }>(schema: z.ZodType<T>, place: string, text: string): T | undefined => {
    if (text.length > limits.loginTextCharsMax) return undefined;
    const opened = schema.safeParse(seal.open(place, text));
    return opened.success && now() < opened.data.until ? opened.data : undefined;
  };
  return {
    ticketText: (ticket) => seal.close("ticket", { ...ticket, until: now() + limits.loginLinkMs }),
    readTicket: (text) => read(SealedTicket, "ticket", text),
    stateText: (state) => seal.close("state", { ...state, until: now() + limits.loginAttemptMs }),
    readState: (text) => read(LoginState, "state", text),
  };
}
