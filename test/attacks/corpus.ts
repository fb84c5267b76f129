import { answers } from "./answers.ts";
import type { Attack } from "./attack.ts";
import { features } from "./features.ts";
import { floods } from "./floods.ts";
import { limits } from "./limits.ts";
import { modules } from "./modules.ts";
import { network } from "./network.ts";
import { newCode } from "./new-code.ts";
import { prototypes } from "./prototypes.ts";
import { servers } from "./servers.ts";
import { standard } from "./standard.ts";
import { state } from "./state.ts";

/** All attacks, by family. */
export const corpus: Record<string, readonly Attack[]> = {
  // First: 300 large values in flight fill most of what a process may hold, and nothing else may have filled it before.
  floods,
  "new code": newCode,
  prototypes,
  answers,
  network,
  modules,
  servers,
  "resources and prompts": features,
  state,
  limits,
  "standard modules": standard,
};
