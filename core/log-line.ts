import { z } from "zod";

export const LogLine = z.object({
  level: z.enum(["debug", "log", "info", "warn", "error"]),
  message: z.string(),
});

export type LogLine = z.infer<typeof LogLine>;

/** A line of a run's log: a server's where it names one, else the program's. */
export interface RunLine extends LogLine {
  server?: string | undefined;
}

/** How a line reads where nothing else says whose it is. */
export function lineText({ server, message }: RunLine): string {
  return server === undefined ? message : `[${server}] ${message}`;
}

/**
 * Terminals obey control characters: a line could erase the one above it. Line feeds and tabs stay, the rest is shown as the
 * picture Unicode has of it.
 */
export function withoutControls(text: string): string {
  return text.replace(controls, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? "\u2421" : "\ufffd";
  });
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for.
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
