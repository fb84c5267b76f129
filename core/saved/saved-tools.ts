import { type BuiltInServer, builtInEntry, builtInServer } from "../built-in/built-in-server.ts";
import { reportBug } from "../errors.ts";
import type { UpstreamCallOptions } from "../mcp/upstream.ts";
import type { ServerEntry } from "../registry/registry.ts";
import { type Changes, createChanges } from "./changes.ts";
import type { SavedSource, SavedSummary } from "./definition.ts";
import { createDrift } from "./drift.ts";
import { dynamicTools } from "./dynamic-tools.ts";
import { SavedRefusal } from "./library.ts";
import type { LibraryPort } from "./library-port.ts";
import type { Programs } from "./programs.ts";
import { createSavedServer, isCallable, type KnownTool } from "./saved-server.ts";
import type { ScriptFiles } from "./script-files.ts";
import { createScripts } from "./scripts.ts";
import { type ServedSkill, type SkillCaller, skillOf } from "./skill.ts";
import { createKeptSources } from "./sources.ts";

/** Whether programs may save programs: not at all, only call what is saved, only propose, or freely. */
export const savedModes = ["off", "read_only", "ask", "on"] as const;
export type SavedMode = (typeof savedModes)[number];

export interface SavedToolsParts {
  mode: SavedMode;
  library: LibraryPort;
  programs: () => Programs;
  /** The tools of the server `saved` have changed. */
  onChanged: () => Promise<void>;
  /** The files of scripts/ beside the registry, as they are now. */
  scripts: () => ScriptFiles;
  /** The SHA-256 of a text in UTF-8, in hexadecimal digits. */
  sha256: (text: string) => string;
}

export interface SavedTools {
  /** The servers `dynamic` and `saved`; none when it is off. */
  servers: readonly BuiltInServer[];
  /** What a person reads and changes, who may as little as a program where saving is bounded; undefined when it is off. */
  changes: Changes | undefined;
  /** Those that can be called now, as skills, and with `uri` only that one, with its text. As of the last `sync`. */
  skills(wanted: WantedSkills): ServedSkill[];
  /** The ids of the servers that saved programs use. */
  used(): ReadonlySet<string>;
  /** Takes over what other sessions have changed. Never rejects: without the library, what is known stays. */
  sync(): Promise<void>;
  /** The same before a request that may depend on what is saved; any other costs nothing. */
  syncFor(input: unknown): Promise<void>;
}

export interface WantedSkills {
  uri?: string | undefined;
  caller: SkillCaller;
}

export function createSavedTools(parts: SavedToolsParts): SavedTools {
  const { mode, library, programs, onChanged } = parts;
  if (mode === "off") return nothingSaved;
  let version: number | undefined;
  let saved: readonly SavedSummary[] = [];
  const drift = createDrift({ programs, sourceOf });
  const sources = createKeptSources(library);
  const scripts = createScripts(programs);
  /** A file takes the place of a stored program of its name. */
  const known = (): KnownTool[] => {
    const files = scripts.all().map(({ tool }) => tool);
    return [...files, ...saved.filter(({ name }) => scripts.find(name) === undefined)];
  };
  const tools = (): KnownTool[] => known().map((tool) => ({ ...tool, ...drift.verdictOn(tool) }));

  async function sourceOf(tool: SavedSummary): Promise<SavedSource | undefined> {
    return scripts.find(tool.name)?.source ?? sources.get(tool);
  }

  async function sync(): Promise<void> {
    try {
      const snapshot = await library.since(version);
      if (snapshot) {
        version = snapshot.version;
        saved = snapshot.tools;
      }
      const hasScripts = await scripts.update(parts.scripts());
      const hasDrifted = await drift.recheck(known());
      if (snapshot || hasScripts || hasDrifted) await onChanged();
    } catch (error) {
      reportBug(error);
    }
  }

  const changes = createChanges({
    ...{ library, programs },
    async tools() {
      await sync();
      return tools();
    },
    script: scripts.find,
    isProposing: mode === "ask",
    changed: sync,
  });
  return {
    servers: [
      createSavedServer({ tools, sourceOf, programs }),
      builtInServer(dynamicEntry, dynamicTools({ changes, refuseWrite: (tool, options) => refuseWrite(mode, tool, options) })),
    ],
    changes: mode === "read_only" ? readOnly(changes) : changes,
    skills: (wanted) => skillsOf(tools(), wanted, parts.sha256),
    used: () => new Set(known().flatMap(({ pins }) => Object.keys(pins))),
    sync,
    async syncFor(input) {
      if (/\bsaved\b|\bdynamic\b/.test(JSON.stringify(input) ?? "")) await sync();
    },
  };
}

const nothingSaved: SavedTools = {
  ...{ servers: [], changes: undefined, used: () => new Set<string>(), skills: () => [] },
  ...{ sync: async () => {}, syncFor: async () => {} },
};

/** Of two programs with the same name in code, the first one is the one that is called. */
function skillsOf(tools: readonly KnownTool[], { uri, caller }: WantedSkills, sha256: SavedToolsParts["sha256"]): ServedSkill[] {
  const found = new Map<string, ServedSkill>();
  for (const tool of tools) {
    if (!isCallable(tool) || tool.stale !== undefined) continue;
    const { text, ...skill } = skillOf(tool, caller);
    if (found.has(skill.uri) || (uri !== undefined && uri !== skill.uri)) continue;
    const size = new TextEncoder().encode(text).length;
    found.set(skill.uri, { ...skill, sha256: sha256(text), size, ...(uri === undefined ? {} : { text }) });
  }
  return [...found.values()];
}

/** Listed last, whatever the others say of themselves: it is for keeping programs, not for doing a task. */
export const dynamicEntry: ServerEntry = {
  ...builtInEntry("dynamic", {
    title: "Save programs as tools",
    summary: "Keeps a TypeScript program that works as a typed tool of the server saved.",
    examples: ["save this program as a tool"],
    limits: { timeoutMs: 60_000, callsPerRun: 100, callsPerMinute: 300, concurrency: 8 },
  }),
  priority: 0,
};

/** @throws SavedRefusal */
function refuseWrite(mode: SavedMode, tool: string, { within }: UpstreamCallOptions): void {
  if (mode === "read_only") throw isReadOnly(`dynamic.${tool}`);
  const [name] = within?.chain.slice(-1) ?? [];
  if (name !== undefined) {
    throw new SavedRefusal(
      `dynamic.${tool} was called by the saved program ${name}: a saved program changes none. Do it in a program of your own.`,
    );
  }
}

function readOnly(changes: Changes): Changes {
  const refuse = () => Promise.reject(isReadOnly("The change"));
  return { ...changes, create: refuse, update: refuse, remove: refuse, rollback: refuse };
}

function isReadOnly(what: string): SavedRefusal {
  return new SavedRefusal(
    `${what} is refused: saved programs are read-only here. The operator sets SAVED_TOOLS=on to change that.`,
  );
}
