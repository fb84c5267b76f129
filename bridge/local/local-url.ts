import type { Environment } from "../../core/registry/interpolation.ts";

export const defaultPort = 8787;

/** The URL that `npm start` listens on in this environment. */
export function localUrl(environment: Environment): string {
  return `http://127.0.0.1:${environment("PORT") || defaultPort}`;
}
