import { closestHint, closestTo, named } from "../closest.ts";
import { meantSources } from "../discovery/meant-program.ts";
import { canonicalJson } from "../json.ts";
import type { SignatureWanted } from "../program/entry-signature.ts";
import { bytesOf, inputSchemaOf, type RevisionLine, SavedContent, type SavedSource, type SavedTool } from "./definition.ts";
import { examplesIn, fittingExamples, whyUnfit } from "./examples.ts";
import { type Create, givenFields, type Patch, type Shown } from "./inputs.ts";
import { existsAlready, SavedRefusal } from "./library.ts";
import type { LibraryPort } from "./library-port.ts";
import { whyNotNamed } from "./names.ts";
import { pinsOf } from "./pins.ts";
import type { Programs } from "./programs.ts";
import { savedLimits } from "./saved-limits.ts";
import { type KnownTool, problemsText } from "./saved-server.ts";

/** Reads and changes saved programs. Every refusal is a SavedRefusal; then nothing was stored. */
export interface Changes {
  create(input: Create): Promise<Shown>;
  update(input: { name: string; patch: Patch; expectedRevision?: number | undefined }): Promise<Shown>;
  /** @param decides whether it is a person who may accept what programs propose */
  remove(input: { name: string; expectedRevision?: number | undefined }, decides?: boolean): Promise<Shown>;
  rollback(input: { name: string; revision: number; expectedRevision?: number | undefined }): Promise<Shown>;
  get(input: { name: string; revision?: number | undefined }): Promise<Shown>;
  list(includeCode: boolean): Promise<Shown[]>;
  history(input: { name: string }): Promise<RevisionLine[]>;
}

interface ChangesParts {
  library: LibraryPort;
  programs: () => Programs;
  /** All saved programs of the session, those in files too, as they are now. */
  tools: () => Promise<readonly KnownTool[]>;
  /** The program of that name in a file, which nothing here changes. */
  script: (name: string) => { tool: KnownTool; source: SavedSource } | undefined;
  /** Whether what a program stores is only proposed. */
  isProposing: boolean;
  changed: () => Promise<void>;
}

export function createChanges(parts: ChangesParts): Changes {
  const { library } = parts;
  const change = (name: string, expected: number | undefined, make: (before: SavedTool) => Promise<SavedContent>) =>
    changeAgain(parts, { name, expected, make });
  return {
    async create({ name, code, files, entrypoint, language = "ts", ...input }) {
      const { timeoutMs = savedLimits.timeoutMs, enabled = true } = input;
      await refuseName(parts, name);
      const content = await checked(parts, {
        ...{ ...input, name, timeoutMs, enabled },
        source: sourceOf({ code, files, entrypoint, language }),
        given: {
          ...{ input: input.inputSchema !== undefined, output: input.outputSchema !== undefined },
          ...{ description: input.description !== undefined, examples: input.examples !== undefined },
        },
      });
      const created = await library.create(content);
      await parts.changed();
      return shown(created);
    },
    update: ({ name, patch, expectedRevision }) =>
      change(name, expectedRevision, async (before) => {
        const { title, examples = before.examples, enabled = before.enabled } = patch;
        const isOld = !["examples", "code", "files", "inputSchema"].some((field) => field in patch);
        const isProgramSame = Object.keys(patch).every(
          (field) => field === "enabled" || field === "examples" || field === "title",
        );
        if (!isProgramSame || examples === null)
          return checked(parts, patched(before, patch), { described: before.description, isOld });
        if (!isOld) refuseUnfit(before.name, examples, before.inputSchema);
        const isShownOtherwise = title !== undefined || patch.examples !== undefined;
        const given = { ...before.given, examples: isGiven(patch.examples, before.given.examples) };
        return {
          ...before,
          ...{ title: title === undefined ? before.title : (title ?? undefined), examples, enabled, given },
          ...(isShownOtherwise ? asProposal(parts) : {}),
        };
      }),
    async remove({ name, expectedRevision }, decides = false) {
      refuseScript(parts, name);
      const only = parts.isProposing && !decides ? "proposals" : undefined;
      const removed = await library.remove(name, expectedRevision, only);
      await parts.changed();
      return shown(removed);
    },
    rollback: ({ name, revision, expectedRevision }) =>
      change(name, expectedRevision, async () => {
        const before = await find(parts, name, revision);
        return checked(parts, patched(before, {}), { described: before.description, isOld: true });
      }),
    ...readingOf(parts),
  };
}

function readingOf(parts: ChangesParts): Pick<Changes, "get" | "list" | "history"> {
  const { library, script } = parts;
  return {
    async get({ name, revision }) {
      const file = script(name);
      if (file) return shown(file.tool, file.source);
      const found = await find(parts, name, revision);
      const stale = (await parts.tools()).find((tool) => tool.name === name)?.stale;
      return shown({ ...found, ...(stale === undefined ? {} : { stale }) }, found.source);
    },
    async list(includeCode) {
      const tools = await parts.tools();
      if (!includeCode) return tools.map((tool) => shown(tool));
      const withSource = tools.map(async (tool) =>
        shown(tool, script(tool.name)?.source ?? (await library.get(tool.name))?.source),
      );
      return Promise.all(withSource);
    },
    async history({ name }) {
      const revisions = await library.history(name);
      return revisions.length > 0 ? revisions : [await find(parts, name)];
    },
  };
}

async function find({ library, tools }: ChangesParts, name: string, revision?: number): Promise<SavedTool> {
  const found = await library.get(name, revision);
  if (found) return found;
  const names = (await tools()).map((tool) => tool.name);
  if (revision !== undefined && names.includes(name)) {
    throw new SavedRefusal(`There is no revision ${revision} of "${named(name)}". tool_history lists them.`);
  }
  const closest = closestHint(closestTo(name, names));
  throw new SavedRefusal(`There is no saved program "${named(name)}".${closest} tool_list lists them.`);
}

/** Before the program is read: with another name, it may be right. */
async function refuseName(parts: ChangesParts, name: string): Promise<void> {
  refuseScript(parts, name);
  const tools = await parts.tools();
  const existing = tools.find((tool) => tool.name === name);
  if (existing) throw existsAlready(existing);
  const reason = whyNotNamed(
    name,
    tools.map((tool) => tool.name),
  );
  if (reason !== undefined) throw new SavedRefusal(reason);
}

function refuseScript({ script }: ChangesParts, name: string): void {
  if (script(name) !== undefined) throw new SavedRefusal(`"${name}" is a file of scripts/ beside the registry. Change the file.`);
}

/**
 * Reads the program against today's clients, and completes what it says of itself.
 * @param described how it was described before, if its comment no longer says it
 * @param isOld its examples were saved before: those that do not fit any more are left out
 */
async function checked(parts: ChangesParts, draft: Draft, { described = "", isOld = false } = {}): Promise<SavedContent> {
  const { given, source, name } = draft;
  const wanted: SignatureWanted = { input: !given.input, output: !given.output };
  const reading = await parts.programs().read({ name, source, allowedMcpIds: draft.allowedMcpIds }, wanted);
  if (reading.kind === "refused") throw new SavedRefusal(`${name} was not saved. ${problemsText(reading.errors)}`);
  const { signature, used } = reading;
  const description = draft.description ?? (signature.description || described);
  if (description === "")
    throw new SavedRefusal(`${name} was not saved: it needs a description, or a comment above its entrypoint.`);
  const { inputSchema = signature.inputSchema, outputSchema = signature.outputSchema } = draft;
  if (JSON.stringify([inputSchema, outputSchema]).length > 2 * savedLimits.schemaCharsMax) {
    throw new SavedRefusal(`${name} was not saved: its schemas are longer than ${savedLimits.schemaCharsMax} characters.`);
  }
  const examples = draft.examples ?? examplesIn(signature.tags);
  if (!isOld) refuseUnfit(name, examples, inputSchema);
  return {
    ...draft,
    description: description.slice(0, savedLimits.descriptionCharsMax),
    inputSchema,
    outputSchema,
    examples: fittingExamples(examples, inputSchema),
    pins: pinsOf(used),
    codeBytes: bytesOf(source),
    ...asProposal(parts),
  };
}

/** The first one is the call that a skill shows. */
function refuseUnfit(name: string, examples: SavedContent["examples"], inputSchema: SavedContent["inputSchema"]): void {
  const why = whyUnfit(examples, inputSchema);
  if (why !== undefined) throw new SavedRefusal(`${name} was not saved: ${why}`);
}

function asProposal({ isProposing }: ChangesParts): Pick<SavedContent, "proposed"> {
  return isProposing ? { proposed: true } : {};
}

interface Change {
  name: string;
  /** The revision that the caller has seen. */
  expected: number | undefined;
  make: (before: SavedTool) => Promise<SavedContent>;
}

/** Makes a change of the program as it is, again if another change was faster. */
async function changeAgain(parts: ChangesParts, { name, expected, make }: Change): Promise<Shown> {
  const { library } = parts;
  refuseScript(parts, name);
  for (let attempt = 1; ; attempt++) {
    const before = await find(parts, name);
    try {
      const content = await make(before);
      if (isSame(content, before) && (expected ?? before.revision) === before.revision) return shown(before);
      const after = await library.replace(content, expected ?? before.revision);
      await parts.changed();
      return shown(after);
    } catch (error) {
      const isOver = expected !== undefined || attempt >= savedLimits.changeAttemptsMax;
      if (!(error instanceof SavedRefusal) || error.kind !== "conflict" || isOver) throw error;
    }
  }
}

/** To save once more what is there is no change, needs nobody's word, and leaves the history as it is. */
function isSame(content: SavedContent, before: SavedContent): boolean {
  const [now, then] = [content, before].map((one) => canonicalJson(SavedContent.parse({ ...one, proposed: undefined })));
  return now === then;
}

/** What is to be stored, before the program was read. */
interface Draft extends Omit<SavedContent, "description" | "examples" | "inputSchema" | "pins" | "codeBytes"> {
  description?: string | undefined;
  examples?: SavedContent["examples"] | undefined;
  inputSchema?: SavedContent["inputSchema"] | undefined;
}

function patched(before: SavedTool, patch: Patch): Draft {
  const { code, files, entrypoint, language = before.source.language } = patch;
  const isSameSource = code === undefined && files === undefined;
  const kept = isSameSource ? { code: before.source.code, files: before.source.files } : { code, files };
  const entry = entrypoint === undefined ? (isSameSource ? before.source.entrypoint : undefined) : (entrypoint ?? undefined);
  const given = {
    input: isGiven(patch.inputSchema, before.given.input),
    output: isGiven(patch.outputSchema, before.given.output),
    description: isGiven(patch.description, before.given.description),
    examples: isGiven(patch.examples, before.given.examples),
  };
  return {
    ...{ name: before.name, source: sourceOf({ ...kept, entrypoint: entry, language }), given },
    title: patch.title === undefined ? before.title : (patch.title ?? undefined),
    description: given.description ? (patch.description ?? before.description) : undefined,
    inputSchema: given.input ? (patch.inputSchema ?? before.inputSchema) : undefined,
    outputSchema: given.output ? (patch.outputSchema ?? before.outputSchema) : undefined,
    allowedMcpIds: patch.allowedMcpIds === undefined ? before.allowedMcpIds : (patch.allowedMcpIds ?? undefined),
    timeoutMs: patch.timeoutMs === undefined ? before.timeoutMs : (patch.timeoutMs ?? savedLimits.timeoutMs),
    examples: given.examples ? (patch.examples ?? before.examples) : undefined,
    enabled: patch.enabled ?? before.enabled,
  };
}

/** Null takes it back: it comes from the types or the comment again. */
function isGiven(patch: object | string | null | undefined, before: boolean): boolean {
  return patch === undefined ? before : patch !== null;
}

function sourceOf({ language, ...written }: { [Field in keyof SavedSource]: SavedSource[Field] | undefined }): SavedSource {
  const { code, files, entrypoint } = meantSources(written);
  if ((code === undefined) === (files === undefined)) {
    throw new SavedRefusal("A saved program is exactly one of `code` (one snippet) or `files` with `entrypoint`.");
  }
  return {
    ...(code === undefined ? {} : { code }),
    ...(files === undefined ? {} : { files }),
    ...(entrypoint === undefined ? {} : { entrypoint }),
    language: language ?? "ts",
  };
}

type ToShow = Omit<KnownTool, "pins">;

function shown(tool: ToShow, source?: SavedSource): Shown {
  const { name, title, description, outputSchema, revision, enabled, createdAt, updatedAt, codeBytes } = tool;
  const { allowedMcpIds, timeoutMs, examples, proposed, stale, warning, isScript, given } = tool;
  const isGivenField = { ...given, inputSchema: given.input, outputSchema: given.output };
  const wasGiven = givenFields.filter((field) => isGivenField[field]);
  return {
    ...{ name, description, inputSchema: inputSchemaOf(tool), revision, enabled, createdAt, updatedAt, codeBytes, timeoutMs },
    ...(title === undefined ? {} : { title }),
    ...(outputSchema === undefined ? {} : { outputSchema }),
    ...(allowedMcpIds === undefined ? {} : { allowedMcpIds }),
    ...(examples.length === 0 ? {} : { examples }),
    ...(proposed ? { proposed } : {}),
    ...(stale === undefined ? {} : { stale }),
    ...(warning === undefined ? {} : { warning }),
    ...(isScript ? { script: true } : {}),
    ...(source && wasGiven.length > 0 ? { given: wasGiven } : {}),
    ...source,
  };
}
