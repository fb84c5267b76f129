/*
 * The modules that exist are `mcp-clients`, `mcp-clients/<id>`, `mcp-clients/<id>/<tool>` and `runtime`. Models also write them as the
 * files that other systems have: "./mcp-clients/time.ts", "../mcp-clients", "mcp-clients/index", "./runtime".
 */

/**
 * The module that must be meant by a specifier that names none; undefined if none must be. A file of the user's own comes first, so
 * this is asked only when there is none.
 */
export function meantSpecifier(specifier: string): string | undefined {
  const path = specifier.replace(/^(?:@\/|~\/|\/|(?:\.\.?\/)+|@(?=mcp-clients(?:\/|$)))/, "").replace(/(?<!\/)\/+$/, "");
  const [, folder = "", rest = ""] = /^(mcp[-_]?clients?(?=\/|$)|)\/?(.*)$/i.exec(path) ?? [];
  const names = rest.split("/");
  if (names.some((name) => name === "" || name.startsWith(".")) && rest !== "") return undefined;
  const last = names.at(-1)?.replace(/(?:\.d)?\.[cm]?[jt]sx?$/, "") ?? "";
  const meant = last === "index" ? names.slice(0, -1) : [...names.slice(0, -1), last];
  // Not with an ending: a file of that name is nobody's but the harness's.
  if (names.join("/") === "runtime") return "runtime";
  return folder === "" ? undefined : ["mcp-clients", ...meant].filter((name) => name !== "").join("/");
}
