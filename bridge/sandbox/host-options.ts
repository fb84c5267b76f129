import { z } from "zod";

/** What the sandbox host is started with. */
export const HostOptions = z.object({
  port: z.number(),
  token: z.string(),
  /** The sandbox Worker, bundled. */
  script: z.string(),
  compatibilityDate: z.string(),
  /** The compiler's bundle is in it. */
  assetsFolder: z.string(),
  /** Where Workers on this machine find each other. */
  registryFolder: z.string(),
  /** Name of a process → name of its Worker. */
  sandboxes: z.record(z.string(), z.string()),
  compiler: z.string(),
});
export type HostOptions = z.infer<typeof HostOptions>;
