import { z } from "zod";

export const LogLine = z.object({
  level: z.enum(["debug", "log", "info", "warn", "error"]),
  message: z.string(),
});

export type LogLine = z.infer<typeof LogLine>;

/** A line of a run's log: from a server if it names one, otherwise from the program. */
export const RunLine = LogLine.extend({ server: z.string().optional() });

export type RunLine = z.infer<typeof RunLine>;

/** What a server tells below a warning. */
export function isChatter({ server, level }: RunLine): boolean {
  return server !== undefined && level !== "warn" && level !== "error";
}

/** The text of a line where nothing else shows its origin. */
export function lineText({ server, message }: RunLine): string {
  return server === undefined ? message : `[${server}] ${message}`;
}

/**
 * Replaces control characters, which terminals obey: a line could erase the one above it. Line feeds and tabs stay; the others
 * become their Unicode control pictures.
 */
export function withoutControls(text: string): string {
  return text.replace(controls, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? "\u2421" : "\ufffd";
  });
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: it matches control characters to remove them.
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
