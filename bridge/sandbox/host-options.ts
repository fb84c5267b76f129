import { z } from "zod";

/** The options of the sandbox host, read from a JSON file. */
export const HostOptions = z.object({
  port: z.number(),
  token: z.string(),
  /** Path of the bundled sandbox Worker. */
  script: z.string(),
  compatibilityDate: z.string(),
  /** Holds the compiler's bundle. */
  assetsFolder: z.string(),
  /** wrangler's dev registry, in which the Workers of one stack find each other. */
  registryFolder: z.string(),
  /** Process name → Worker name. */
  sandboxes: z.record(z.string(), z.string()),
  compiler: z.string(),
});
export type HostOptions = z.infer<typeof HostOptions>;
