/* Files that are imported as text, as `rules` in wrangler.toml says. */

declare module "*/mcp.registry.json" {
  const text: string;
  export default text;
}

declare module "*.js" {
  const text: string;
  export default text;
}

/* Bundled as JSON. */
declare module "*/package.json" {
  export const version: string;
}

/* Provided by sandbox/compiler/build.ts. */
declare module "*?text" {
  const text: string;
  export default text;
}

declare module "lib?json" {
  import type { Library } from "./sandbox/compiler/checker.ts";

  const library: Library;
  export default library;
}
