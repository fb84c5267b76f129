/**
 * The modules of Node that a program may import, with or without `node:`. They only compute and give no access to anything
 * outside. docs/security.md explains why an isolate with them is as closed as one without.
 */
export const nodeModules: readonly string[] = [
  "assert",
  "buffer",
  "crypto",
  "events",
  "path",
  "path/posix",
  "querystring",
  "string_decoder",
  "timers/promises",
  "url",
  "util",
];

const scheme = "node:";

/** The module's name with `node:`; undefined if it is not in the list. */
export function nodeModule(specifier: string): string | undefined {
  const name = specifier.startsWith(scheme) ? specifier.slice(scheme.length) : specifier;
  return nodeModules.includes(name) ? scheme + name : undefined;
}

/** Whether a program with these links needs Node's modules in its isolate. */
export function needsNode(links: Record<string, Record<string, string>>): boolean {
  return Object.values(links).some((targets) => Object.values(targets).some((target) => target.startsWith(scheme)));
}
