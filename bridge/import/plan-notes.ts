import type { ImportPlan } from "./plan.ts";

/** What to know of a server that is imported, or why it is not, or not all of it. `text` says which one, and why. */
export interface PlanNote {
  kind: "present" | "taken" | "skipped" | "ignored" | "code mode";
  text: string;
}

/** @param path of the registry, as messages show it */
export function planNotes({ present, taken, skipped, ignored, codeModes }: ImportPlan, path: string): PlanNote[] {
  return [
    ...present.map(({ name, id }) => note("present", `${name}: already in ${path}${name === id ? "" : ` as ${id}`}`)),
    ...taken.map(({ name, id }) =>
      note(
        "taken",
        `${name}: another server has the id ${id}; choose one with --rename ${name}=${id}-2, or let --rename-taken choose`,
      ),
    ),
    ...skipped.map(({ place, reason }) => note("skipped", `${place}: ${reason}`)),
    ...ignored.map(({ place, fields }) => note("ignored", `${place}: ${fields.join(", ")} (no counterpart here)`)),
    ...codeModes.map(({ id, hint }) => note("code mode", `${id}: ${hint}`)),
  ];
}

function note(kind: PlanNote["kind"], text: string): PlanNote {
  return { kind, text };
}
