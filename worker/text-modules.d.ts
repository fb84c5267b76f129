/* Files that the Worker imports as text (see `rules` in wrangler.toml). */

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
