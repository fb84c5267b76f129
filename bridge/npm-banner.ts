import { parse } from "node:path";

/**
 * What to say on standard error when a program reads the JSON of a command that was called as `npm run bridge`: npm prints two lines of
 * its own before it, and nothing that a script does can take them back. Undefined in any other case.
 */
export function bannerHint(
  argv: readonly string[],
  { environment, isTerminal }: { environment: (name: string) => string | undefined; isTerminal: boolean },
): string | undefined {
  const isScript = environment("npm_lifecycle_event") === "bridge" && environment("npm_config_loglevel") !== "silent";
  // Other package managers print nothing of the kind.
  const isNpm = parse(environment("npm_execpath") ?? "").name.startsWith("npm");
  if (!isScript || !isNpm || isTerminal || !argv.includes("--json")) return undefined;
  const words = argv.map((word) => (/^[\w./=:@,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");
  return `npm printed two lines before this JSON. Without them: npm run -s bridge -- ${words}\n`;
}
