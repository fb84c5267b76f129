/**
 * Modules of Node that compute and reach nothing: what a program may import of the platform. Each is known with and without
 * `node:`. docs/security.md says what keeps an isolate that has them as closed as one that has none.
 */
export const standardModules: readonly string[] = [
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

/** The module's one name, `node:…`; undefined for anything that is not in the list. */
export function standardModule(specifier: string): string | undefined {
  const name = specifier.startsWith(scheme) ? specifier.slice(scheme.length) : specifier;
  return standardModules.includes(name) ? scheme + name : undefined;
}

/** Whether a program that is linked so needs Node's modules in its isolate. */
export function needsNode(links: Record<string, Record<string, string>>): boolean {
  return Object.values(links).some((targets) => Object.values(targets).some((target) => target.startsWith(scheme)));
}
