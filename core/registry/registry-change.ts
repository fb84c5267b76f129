import { z } from "zod";
import { registryLimits } from "./registry-limits.ts";

/*
 * What a person at the console asks of the registry file, and what they are shown of it. The secrets that an entry has in the file are
 * marks here: core/registry/entry-secrets.ts.
 */

const place = z.number().int().min(0);
const Entry = z.unknown();
/** Which entry a person means: by its place, and by what they have seen of it, as JSON. The file may have changed since. */
const seen = { at: place, was: z.string() };

export const RegistryChange = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("add"), entries: z.array(Entry).min(1).max(registryLimits.entriesAddedMax) }),
  z.strictObject({ kind: z.literal("edit"), ...seen, entry: Entry }),
  z.strictObject({ kind: z.literal("switch"), ...seen, isOn: z.boolean() }),
  z.strictObject({ kind: z.literal("remove"), ...seen }),
]);
export type RegistryChange = z.infer<typeof RegistryChange>;

/** A problem of one entry: `path` is within the entry, such as `mcp.command`; empty for the entry itself. */
export const EntryProblem = z.object({ path: z.string(), message: z.string(), line: z.number().optional() });
export type EntryProblem = z.infer<typeof EntryProblem>;

/** A variable that entries refer to. `side` says who reads it: the bridge at a server's next start, the Worker at its own. */
const NeededVariable = z.object({ name: z.string(), side: z.enum(["bridge", "worker"]), isSet: z.boolean() });
export type NeededVariable = z.infer<typeof NeededVariable>;

/** An entry of the file, whatever is wrong with it. */
export const ViewedEntry = z.object({
  at: place,
  /** Empty where it has none. */
  id: z.string(),
  isOn: z.boolean(),
  /** As it is written, its secrets as marks. */
  entry: Entry,
  line: z.number(),
  problems: z.array(EntryProblem),
  warnings: z.array(EntryProblem),
});
export type ViewedEntry = z.infer<typeof ViewedEntry>;

export const RegistryView = z.object({
  /** As messages name it. */
  file: z.string(),
  /** Whether changes are written; otherwise a person is told what to write. */
  isWritten: z.boolean(),
  entries: z.array(ViewedEntry),
  /** Of the file as a whole. */
  problems: z.array(EntryProblem),
});
export type RegistryView = z.infer<typeof RegistryView>;

export const ChangeAnswer = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("changed"),
    /** Of the file, as messages name it. */
    file: z.string(),
    isWritten: z.boolean(),
    /** The line of the entry in the file as it was; undefined for new ones, which come last. */
    line: z.number().optional(),
    /** As they are written now, with secrets as marks; none where one was removed. */
    entries: z.array(Entry),
    variables: z.array(NeededVariable),
    /** Where the variables belong. */
    envFile: z.string().optional(),
  }),
  /** Nothing was written. `entries` as they were sent, with references in place of secrets. */
  z.object({
    kind: z.literal("invalid"),
    problems: z.array(EntryProblem),
    entries: z.array(Entry),
    variables: z.array(NeededVariable),
  }),
  /** Nothing was written: the entry is not what the person has seen. `current` is what it is now, if it is there. */
  z.object({
    kind: z.literal("conflict"),
    entries: z.array(Entry),
    variables: z.array(NeededVariable),
    current: ViewedEntry.optional(),
  }),
  /** Nothing was written: the file cannot be edited. */
  z.object({ kind: z.literal("refused"), message: z.string() }),
]);
export type ChangeAnswer = z.infer<typeof ChangeAnswer>;

export const ImportRequest = z.strictObject({ text: z.string().max(registryLimits.pastedCharsMax) });

/** The entries that another program's configuration would become, and what is to be said about it. */
export const ImportAnswer = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("found"),
    entries: z.array(Entry),
    notes: z.array(z.string()),
    variables: z.array(NeededVariable),
  }),
  z.object({ kind: z.literal("refused"), message: z.string() }),
]);
export type ImportAnswer = z.infer<typeof ImportAnswer>;

/** The registry file, for whoever may change it. */
export interface RegistryDesk {
  view(): Promise<RegistryView>;
  change(change: RegistryChange): Promise<ChangeAnswer>;
  /** Undefined where no program can read the formats of others. */
  readImport: ((text: string) => Promise<ImportAnswer>) | undefined;
  /** Why this person changes nothing, who only sees it. */
  whyNot?: string;
}
