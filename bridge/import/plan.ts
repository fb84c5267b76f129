import { toIdentifier } from "../../core/registry/identifiers.ts";
import type { Environment } from "../../core/registry/interpolation.ts";
import { type FileEntry, isReachedByBridge } from "../../core/registry/registry.ts";
import { variableFor, variablesIn } from "../../core/registry/secret-variables.ts";
import type { Self } from "../registry/self-reference.ts";
import { codeModeOf, codeModeTag } from "./code-modes.ts";
import type { FoundConfiguration, FoundServer } from "./found-servers.ts";
import { disabledReason, idOf, projectName, translateServer } from "./translate.ts";

/** What an import would do. Each server of the file is in one of `entries`, `present`, `taken` and `skipped`. */
export interface ImportPlan {
  /** To be added to the registry. */
  entries: FileEntry[];
  /** Already in the registry, perhaps under another id. */
  present: { name: string; id: string }[];
  /** Not added, because another server has the id. */
  taken: { name: string; id: string }[];
  skipped: { place: string; reason: string }[];
  /** Fields that have no counterpart in a registry entry. */
  ignored: { place: string; fields: string[] }[];
  /** New entries that are code modes of their own, and what to do about it. */
  codeModes: { id: string; hint: string }[];
  /** The environment variables that the new entries refer to. */
  variables: { name: string; side: "bridge" | "worker"; ids: string[]; description?: string }[];
}

export interface PlanOptions {
  registered: readonly FileEntry[];
  /** The file's name, as it appears in generated summaries. */
  source: string;
  folder: string;
  environment: Environment;
  self: Self;
  /** Name in the file → id chosen by the user. */
  renamed: ReadonlyMap<string, string>;
  /** Gives a server whose id is taken the next free one, such as github-2. */
  renamesTaken: boolean;
}

/** Pure: the same file and registry give the same plan, and a registry that already has every server gives an empty one. */
export function planImport({ servers, inputs }: FoundConfiguration, options: PlanOptions): ImportPlan {
  const plan: ImportPlan = { entries: [], present: [], taken: [], skipped: [], ignored: [], codeModes: [], variables: [] };
  const secrets = new Map<string, string>();
  for (const found of servers) {
    const id = idFor(found, plan.entries, options.renamed);
    const draft = new Map(secrets);
    // They are avoided, because their values are unknown here.
    const used = variablesIn(options.registered.filter((entry) => entry.id !== id).map(({ mcp }) => mcp));
    const translate = (as: string) =>
      translateServer(found, {
        ...options,
        id: as,
        inputs,
        variableFor: ({ value, name }) => variableFor(draft, { value, name, id: as, used }),
      });
    const result = translate(id);
    if (result.kind === "skipped") {
      plan.skipped.push({ place: found.place, reason: result.reason });
      continue;
    }
    let { entry, variables, ignored } = result;
    const same = [...options.registered, ...plan.entries].find((other) => isSameServer(other, entry));
    if (same !== undefined) {
      plan.present.push({ name: found.name, id: same.id });
      continue;
    }
    const isTaken = (candidate: string) => has(options.registered, candidate) || has(plan.entries, candidate);
    if (isTaken(id)) {
      draft.clear();
      for (const [name, value] of secrets) draft.set(name, value);
      const again = options.renamesTaken ? translate(nextFreeId(id, isTaken)) : undefined;
      if (again?.kind !== "entry") {
        plan.taken.push({ name: found.name, id });
        continue;
      }
      ({ entry, variables, ignored } = again);
    }
    for (const [name, value] of draft) secrets.set(name, value);
    const hint = codeModeOf(entry);
    if (hint !== undefined) plan.codeModes.push({ id: entry.id, hint });
    plan.entries.push(hint === undefined ? entry : { ...entry, tags: [...entry.tags, codeModeTag] });
    if (ignored.length > 0) plan.ignored.push({ place: found.place, fields: ignored });
    addVariables(plan, entry, variables);
  }
  return plan;
}

/** Whether no server was left behind, except those that are switched off in the file itself. */
export function isComplete({ taken, skipped }: ImportPlan): boolean {
  return taken.length === 0 && skipped.every(({ reason }) => reason === disabledReason);
}

/** Two projects of one file may have a server of the same name: the second one's id gets the project's name appended. */
function idFor({ name, project }: FoundServer, entries: readonly FileEntry[], renamed: ReadonlyMap<string, string>): string {
  const id = renamed.get(name) ?? idOf(name);
  return project !== undefined && has(entries, id) ? idOf(`${id}-${projectName(project)}`) : id;
}

function nextFreeId(id: string, isTaken: (candidate: string) => boolean): string {
  for (let number = 2; ; number++) {
    const candidate = `${id.slice(0, 58)}-${number}`;
    if (!isTaken(candidate)) return candidate;
  }
}

function isSameServer(a: FileEntry, b: FileEntry): boolean {
  return JSON.stringify(sorted(a.mcp)) === JSON.stringify(sorted(b.mcp));
}

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => [key, sorted(member)]);
}

function has(entries: readonly FileEntry[], id: string): boolean {
  return entries.some((entry) => toIdentifier(entry.id) === toIdentifier(id));
}

function addVariables(plan: ImportPlan, entry: FileEntry, variables: ReadonlyMap<string, string | undefined>): void {
  const side = isReachedByBridge(entry) ? "bridge" : "worker";
  for (const [name, description] of variables) {
    const known = plan.variables.find((variable) => variable.name === name && variable.side === side);
    if (known) known.ids.push(entry.id);
    else plan.variables.push({ name, side, ids: [entry.id], ...(description ? { description } : {}) });
  }
}
