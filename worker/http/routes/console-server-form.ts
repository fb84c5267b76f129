import { z } from "zod";
import type { EntryProblem } from "../../../core/registry/registry-change.ts";
import { entryOf, fieldNames, fieldsOf, jsonIn, type ServerFields } from "../../console/server-fields.ts";
import type { ServerFormView } from "../../console/server-form-page.tsx";
import { textIn } from "./console-page.ts";

type Form = ServerFormView["form"];

export type ReadForm = { kind: "entry"; value: unknown } | { kind: "wrong"; form: Form; problem: EntryProblem };

/** The entry that a form describes, or the JSON in it. */
export function readForm(form: FormData, as: Form["kind"]): ReadForm {
  if (as === "json") {
    const json = textIn(form, "json");
    const value = jsonIn(json);
    if (value !== undefined) return { kind: "entry", value };
    return { kind: "wrong", form: { kind: "json", json }, problem: { path: "", message: "This is not JSON." } };
  }
  const typed = new Map(fieldNames.map((name) => [name, textIn(form, name)]));
  const fields = Object.fromEntries(typed) as Record<keyof ServerFields, string>;
  const read = entryOf(fields);
  if (read.kind === "entry") return { kind: "entry", value: read.entry };
  const path = read.field === "rest" ? "rest" : `mcp.${read.field}`;
  return { kind: "wrong", form: { kind: "fields", fields }, problem: { path, message: read.message } };
}

/** An entry in a form: in fields, unless a person wants JSON or they cannot hold it. */
export function formOf(entry: unknown, as: string | undefined): Form {
  const fields = as === "json" ? undefined : fieldsOf(entry);
  return fields === undefined ? { kind: "json", json: JSON.stringify(entry, null, 2) } : { kind: "fields", fields };
}

/** A list of entries, or one. */
export function entriesIn(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

const Seen = z.object({ at: z.coerce.number().int().min(0), was: z.string() }).catch({ at: 0, was: "" });

/** Which entry a form means; one that the registry does not have where the form is none of ours. */
export function seenIn(form: FormData): z.infer<typeof Seen> {
  return Seen.parse({ at: form.get("at"), was: form.get("was") });
}

const Named = z.object({ id: z.string().min(1) });

/** What messages call an entry. */
export function nameOf(json: string): string {
  return Named.safeParse(jsonIn(json)).data?.id ?? "An entry";
}
