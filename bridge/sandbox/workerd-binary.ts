import { createRequire } from "node:module";
import { z } from "zod";

/** The path of the binary of the package workerd for this platform. The package is CommonJS without declarations. */
export const workerdBinary: string = z.object({ default: z.string() }).parse(createRequire(import.meta.url)("workerd")).default;
