import { z } from "zod";

/** The platform ended the compiler's isolate while it read a program. */
export const Exceeded = z.object({ kind: z.literal("exceeded"), limit: z.enum(["cpu", "memory"]) });
export type Exceeded = z.infer<typeof Exceeded>;
