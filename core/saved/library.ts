import type { Clock } from "../clock.ts";
import { named } from "../closest.ts";
import type { Store } from "../store.ts";
import { RevisionLine, type SavedContent, SavedSource, SavedSummary, SavedTool, type Snapshot } from "./definition.ts";
import { whyNotNamed } from "./names.ts";
import { savedLimits } from "./saved-limits.ts";

/** A change that is refused, with the reason as its message. Nothing was stored. */
export class SavedRefusal extends Error {
  override readonly name = "SavedRefusal";
  readonly kind: "conflict" | "refused";

  constructor(message: string, kind: SavedRefusal["kind"] = "refused") {
    super(message);
    this.kind = kind;
  }
}

export function existsAlready({ name, revision }: Pick<SavedSummary, "name" | "revision">): SavedRefusal {
  return new SavedRefusal(
    `"${name}" exists already, at revision ${revision}. Change it with tool_update, or choose another name.`,
    "conflict",
  );
}

interface LibraryParts {
  store: Store;
  clock: Clock;
}

/**
 * The saved programs of one principal. It has one owner, and every operation is synchronous: two changes never interleave, so a
 * revision number means one content for good.
 */
export class Library {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor({ store, clock }: LibraryParts) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Another one after each change. */
  get version(): number {
    const version = this.#store.read(versionKey);
    return typeof version === "number" ? version : 0;
  }

  /** All programs, unless nothing has changed since that version. */
  since(version: number | undefined): Snapshot | undefined {
    const now = this.version;
    if (version === now) return undefined;
    return { version: now, tools: this.#names().flatMap((name) => this.#summary(name) ?? []) };
  }

  /** The program as it is, or as it was at a revision. */
  get(name: string, revision?: number): SavedTool | undefined {
    const summary = this.#summary(name);
    if (summary === undefined) return undefined;
    if (revision === undefined || revision === summary.revision) {
      return { ...summary, source: SavedSource.parse(this.#store.read(sourceKey(name))) };
    }
    const old = this.#store.read(revisionKey(name, revision));
    return old === undefined ? undefined : SavedTool.parse(old);
  }

  /** @throws SavedRefusal */
  create(content: SavedContent): SavedTool {
    const { name } = content;
    const existing = this.#summary(name);
    if (existing) throw existsAlready(existing);
    const names = this.#names();
    const reason = whyNotNamed(name, names);
    if (reason !== undefined) throw new SavedRefusal(reason);
    if (names.length >= savedLimits.toolsMax) {
      throw new SavedRefusal(
        `There are ${savedLimits.toolsMax} saved programs, so there is no room for "${name}". Delete one first.`,
      );
    }
    const gone = this.#store.read(goneKey(name));
    const createdAt = this.#now();
    return this.#write({ ...content, revision: (typeof gone === "number" ? gone : 0) + 1, createdAt, updatedAt: createdAt });
  }

  /**
   * Replaces the content of a program that is at a revision.
   * @throws SavedRefusal
   */
  replace(content: SavedContent, ifRevision: number): SavedTool {
    const before = this.#expect(content.name, ifRevision);
    this.#keepRevision(before);
    return this.#write({ ...content, revision: before.revision + 1, createdAt: before.createdAt, updatedAt: this.#now() });
  }

  /**
   * A person accepts what a program has proposed, at the revision that they have seen.
   * @throws SavedRefusal
   */
  accept(name: string, ifRevision: number): SavedTool {
    const { proposed: _proposed, ...before } = this.#expectProposed(name, ifRevision);
    return this.#write({ ...before, updatedAt: this.#now() });
  }

  /**
   * A person rejects it: what they have accepted before is there again, or nothing.
   * @returns what is there then
   * @throws SavedRefusal
   */
  reject(name: string, ifRevision: number): SavedTool | undefined {
    const before = this.#expectProposed(name, ifRevision);
    const accepted = this.#lastAccepted(name);
    if (accepted) return this.replace(accepted, before.revision);
    this.remove(name, before.revision);
    return undefined;
  }

  /**
   * @param only `proposals`: one that a person has accepted at any of its revisions stays
   * @throws SavedRefusal
   */
  remove(name: string, ifRevision: number | undefined, only?: "proposals"): SavedSummary {
    const { source: _source, ...before } = this.#expect(name, ifRevision);
    if (only === "proposals" && this.#lastAccepted(name)) {
      throw new SavedRefusal(`"${name}" was accepted by a person, so only a person deletes it: on its page in the console.`);
    }
    for (const key of this.#store.keys(`revision/${name}/`)) this.#store.remove(key);
    this.#store.remove(sourceKey(name));
    this.#store.remove(toolKey(name));
    const gone = this.#store.keys(gonePrefix);
    if (gone.length >= savedLimits.goneMax && gone[0] !== undefined) this.#store.remove(gone[0]);
    this.#store.write(goneKey(name), before.revision);
    this.#changed();
    return before;
  }

  /** The revisions that can be read, the newest first. */
  history(name: string): RevisionLine[] {
    const now = this.#summary(name);
    if (now === undefined) return [];
    const old = this.#store.keys(`revision/${name}/`).map((key) => RevisionLine.parse(this.#store.read(key)));
    return [RevisionLine.parse(now), ...old.reverse()];
  }

  #lastAccepted(name: string): SavedTool | undefined {
    return this.history(name)
      .flatMap(({ revision }) => this.get(name, revision) ?? [])
      .find(({ proposed }) => proposed === undefined);
  }

  #expect(name: string, ifRevision: number | undefined): SavedTool {
    const before = this.get(name);
    if (before === undefined) throw new SavedRefusal(`There is no saved program "${named(name)}". tool_list lists them.`);
    if (ifRevision !== undefined && ifRevision !== before.revision) {
      throw new SavedRefusal(
        `Revision conflict: "${name}" is at revision ${before.revision}, and ${ifRevision} was expected. Read it with tool_get and try again.`,
        "conflict",
      );
    }
    return before;
  }

  #expectProposed(name: string, ifRevision: number): SavedTool {
    const before = this.#expect(name, ifRevision);
    if (before.proposed === undefined) throw new SavedRefusal(`"${name}" does not wait for anybody.`);
    return before;
  }

  /** Of too many revisions the oldest go, and last of all the one that was accepted last: `reject` brings it back. */
  #keepRevision(before: SavedTool): void {
    this.#store.write(revisionKey(before.name, before.revision), before);
    const prefix = `revision/${before.name}/`;
    const oldestFirst = this.#store.keys(prefix);
    const accepted = oldestFirst.findLast((key) => SavedSummary.parse(this.#store.read(key)).proposed === undefined);
    const inTurn = [...oldestFirst.filter((key) => key !== accepted), ...(accepted === undefined ? [] : [accepted])];
    for (const [index, key] of inTurn.entries()) {
      const isOver = inTurn.length - index > savedLimits.revisionsMax;
      if (!isOver && this.#store.bytes(prefix) <= savedLimits.revisionsCharsMax) return;
      this.#store.remove(key);
    }
  }

  #write(tool: SavedTool): SavedTool {
    const { source, ...summary } = tool;
    this.#store.write(toolKey(tool.name), summary);
    this.#store.write(sourceKey(tool.name), source);
    this.#changed();
    return tool;
  }

  #changed(): void {
    this.#store.write(versionKey, this.version + 1);
  }

  #names(): string[] {
    return this.#store.keys(toolPrefix).map((key) => key.slice(toolPrefix.length));
  }

  #summary(name: string): SavedSummary | undefined {
    const stored = this.#store.read(toolKey(name));
    return stored === undefined ? undefined : SavedSummary.parse(stored);
  }

  #now(): string {
    return new Date(this.#clock.now()).toISOString();
  }
}

const versionKey = "version";
const toolPrefix = "tool/";
const gonePrefix = "gone/";
const toolKey = (name: string) => `${toolPrefix}${name}`;
const sourceKey = (name: string) => `source/${name}`;
const goneKey = (name: string) => `${gonePrefix}${name}`;
/** Padded, so that keys are in the order of revisions. */
const revisionKey = (name: string, revision: number) => `revision/${name}/${String(revision).padStart(9, "0")}`;
