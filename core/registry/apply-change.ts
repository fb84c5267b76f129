import { parse } from "jsonc-parser";
import { isRecord } from "../json.ts";
import { hasMark, loseMarks, maskSecrets, nameSecrets, unmaskSecrets } from "./entry-secrets.ts";
import { isDisabled } from "./other-formats.ts";
import { createProblemPlaces } from "./problem-place.ts";
import { type FileEntry, isReachedByBridge, parseRegistry, type RegistryProblem } from "./registry.ts";
import type { EntryProblem, NeededVariable, RegistryChange, ViewedEntry } from "./registry-change.ts";
import { editEntry, entriesIn, entryLines, insertEntries, removeEntry } from "./registry-edit.ts";
import { neededIn } from "./secret-variables.ts";
import { isWholeRegistry } from "./whole-registry.ts";

/** What is wrong with the file as a whole, and its entries with their problems. */
export function viewRegistry(text: string): { problems: EntryProblem[]; entries: ViewedEntry[] } {
  const { problems, warnings } = parseRegistry(text);
  const placeOf = createProblemPlaces(text.replace(/^\ufeff/, ""));
  const locate = (problem: RegistryProblem): EntryProblem => ({ ...problem, ...lineOf(placeOf(problem.path)) });
  const [found, warned] = [problems.map(locate), warnings.map(locate)];
  const rest = found.filter(({ path }) => !path.startsWith("servers["));
  if (!isWholeRegistry(text)) return { problems: rest, entries: [] };
  const lines = entryLines(text);
  const entries = entriesIn(text).map((entry, at): ViewedEntry => {
    return {
      at,
      id: idOf(entry),
      isOn: !isDisabled(entry),
      entry: maskSecrets(entry).entry,
      line: lines[at] ?? 1,
      problems: within(found, at),
      warnings: within(warned, at),
    };
  });
  return { problems: rest, entries };
}

interface Unwritten {
  /** As they were sent, with references in place of secrets. */
  entries: unknown[];
  /** What they refer to. */
  variables: Omit<NeededVariable, "isSet">[];
}

export type AppliedChange =
  | (Unwritten & { kind: "changed"; text: string; line: number | undefined })
  | (Unwritten & { kind: "invalid"; problems: EntryProblem[] })
  /** The entry is not what was seen. `current` is what it is now, if it is there. */
  | (Unwritten & { kind: "conflict"; current: ViewedEntry | undefined });

/**
 * The text after a change. Secrets that the change brings become references; an entry with a problem changes nothing.
 *
 * @param refuse why a valid entry is not taken all the same
 * @throws OrchestratorError `invalid_input` when the text cannot be edited safely
 */
export function applyChange(text: string, change: RegistryChange, refuse: Refuse): AppliedChange {
  const entries = entriesIn(text);
  if (change.kind === "add") return added(text, change.entries, { others: entries, refuse });
  const at = placeIn(entries, change);
  if (at === undefined) return conflict(text, change, entries);
  const line = entryLines(text)[at];
  const known = { others: entries.toSpliced(at, 1), refuse };
  switch (change.kind) {
    case "remove":
      return { kind: "changed", text: removeEntry(text, at), line, entries: [], variables: [] };
    case "switch": {
      const after = switched(entries[at], change.isOn);
      const problems = change.isOn ? problemsOf(after, known) : [];
      const shown = { entries: [maskSecrets(after).entry], variables: [] };
      if (problems.length > 0) return { kind: "invalid", problems, ...shown };
      return { kind: "changed", text: editEntry(text, at, after), line, ...shown };
    }
    case "edit": {
      const { entry, variables } = named(change.entry, known.others);
      const after = unmaskSecrets(entry, maskSecrets(entries[at]).secrets);
      const problems = problemsOf(after, known);
      if (problems.length > 0) return { kind: "invalid", problems, entries: [entry], variables };
      return { kind: "changed", text: editEntry(text, at, after), line, entries: [maskSecrets(after).entry], variables };
    }
  }
}

type SeenChange = Exclude<RegistryChange, { kind: "add" }>;

/** Others may have been added or removed before it. */
function placeIn(entries: readonly unknown[], { at, was }: SeenChange): number | undefined {
  const isIt = (entry: unknown) => JSON.stringify(maskSecrets(entry).entry) === was;
  if (at < entries.length && isIt(entries[at])) return at;
  const found = entries.findIndex(isIt);
  return found < 0 ? undefined : found;
}

function conflict(text: string, change: SeenChange, entries: readonly unknown[]): AppliedChange {
  const sent = change.kind === "edit" ? named(change.entry, entries) : undefined;
  const id = idOf(parse(change.was));
  const current = viewRegistry(text).entries.find((entry) => entry.id === id);
  return {
    kind: "conflict",
    entries: sent === undefined ? [] : [loseMarks(sent.entry)],
    variables: sent?.variables ?? [],
    current,
  };
}

function added(text: string, wanted: readonly unknown[], { others, refuse }: Known): AppliedChange {
  const before: unknown[] = [...others];
  const problems: EntryProblem[] = [];
  const variables: Unwritten["variables"] = [];
  for (const [index, candidate] of wanted.entries()) {
    const next = named(candidate, before);
    const found = problemsOf(next.entry, { others: before, refuse });
    const prefix = wanted.length === 1 ? "" : `${idOf(next.entry) || `entry ${index + 1}`}: `;
    problems.push(...found.map((problem) => ({ ...problem, message: prefix + problem.message })));
    variables.push(...next.variables);
    before.push(next.entry);
  }
  const entries = before.slice(others.length);
  if (problems.length > 0) return { kind: "invalid", problems, entries, variables };
  return { kind: "changed", text: insertEntries(text, entries), line: undefined, entries, variables };
}

type Refuse = (entry: FileEntry) => string | undefined;

interface Known {
  /** The other entries. */
  others: readonly unknown[];
  refuse: Refuse;
}

/** As the registry's own reader says it, of this entry among the others. One that is off is read as if it were on. */
function problemsOf(entry: unknown, { others, refuse }: Known): EntryProblem[] {
  if (hasMark(entry))
    return [{ path: "", message: "${hidden:…} stands for a secret of this entry's old text; write ${env:NAME}" }];
  // Of two with the same name it is the later one that is refused.
  const { problems, servers } = parseRegistry(JSON.stringify({ servers: [...others, switched(entry, true)] }));
  const own = within(problems, others.length);
  const read = own.length === 0 ? servers.at(-1) : undefined;
  const why = read && refuse(read);
  return why === undefined ? own : [{ path: "mcp", message: why }];
}

function named(entry: unknown, others: readonly unknown[]): { entry: unknown; variables: Unwritten["variables"] } {
  const after = nameSecrets(entry, others);
  const side = isOfBridge(after) ? "bridge" : "worker";
  return { entry: after, variables: [...neededIn(after)].map((name) => ({ name, side })) };
}

/** Whether the bridge starts it, as far as an entry says so that may be broken. */
function isOfBridge(entry: unknown): boolean {
  const [read] = parseRegistry(JSON.stringify({ servers: [switched(entry, true)] })).servers;
  return read === undefined || isReachedByBridge(read);
}

function switched(entry: unknown, isOn: boolean): unknown {
  if (!isRecord(entry)) return entry;
  const { disabled: _off, enabled: _on, ...rest } = entry;
  return isOn ? rest : { ...rest, disabled: true };
}

function idOf(entry: unknown): string {
  return isRecord(entry) && typeof entry.id === "string" ? entry.id : "";
}

/** The problems of one entry, their paths within it. */
function within(problems: readonly EntryProblem[], at: number): EntryProblem[] {
  const prefix = `servers[${at}]`;
  return problems.flatMap((problem) => {
    const rest = problem.path.startsWith(prefix) ? problem.path.slice(prefix.length) : undefined;
    return rest === undefined ? [] : [{ ...problem, path: rest.replace(/^\./, "") }];
  });
}

function lineOf({ line }: { line?: number }): { line?: number } {
  return line === undefined ? {} : { line };
}
