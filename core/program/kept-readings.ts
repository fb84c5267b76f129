import { limits } from "../limits.ts";
import type { ProgramReader, Reading } from "./reader.ts";

/**
 * Remembers how the last programs were read. The key is everything that reading depends on, so that a server whose tools have
 * changed means another key.
 */
export function createKeptReadings(reader: ProgramReader): ProgramReader {
  const kept = new Map<string, { reading: Reading; chars: number }>();
  let chars = 0;

  function keep(key: string, reading: Reading): void {
    forget(key);
    kept.set(key, { reading, chars: charsOf(reading) });
    chars += charsOf(reading);
    for (const oldest of kept.keys()) {
      if (kept.size <= limits.readProgramsMax && chars <= limits.readProgramsCharsMax) break;
      forget(oldest);
    }
  }

  function forget(key: string): void {
    chars -= kept.get(key)?.chars ?? 0;
    kept.delete(key);
  }

  return {
    async read(request, signal) {
      const key = await digestOf(JSON.stringify(request));
      const known = kept.get(key);
      if (known) return known.reading.kind === "ready" ? { ...known.reading, isKept: true } : known.reading;
      const reading = await reader.read(request, signal);
      if (isFinal(reading)) keep(key, reading);
      return reading;
    },
  };
}

/** Whether reading the program again would say the same. */
function isFinal(reading: Reading): boolean {
  switch (reading.kind) {
    case "ready":
      return reading.isChecked;
    case "needs":
      return false;
    case "refused":
      return reading.errors.every(({ code }) => code !== "internal");
  }
}

function charsOf(reading: Reading): number {
  if (reading.kind !== "ready") return JSON.stringify(reading).length;
  const texts = [
    ...Object.values(reading.program.modules),
    ...Object.values(reading.positions).map((file) => (file.kind === "mapped" ? file.mappings : "")),
  ];
  return texts.reduce((sum, text) => sum + text.length, 0);
}

async function digestOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
