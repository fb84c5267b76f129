import { RpcTarget } from "cloudflare:workers";
import { OrchestratorError } from "../../core/errors.ts";
import { SavedRefusal } from "../../core/saved/library.ts";
import type { SavedTools } from "../../core/saved/saved-tools.ts";
import type { Composition } from "../compose.ts";

type Changes = NonNullable<SavedTools["changes"]>;

/**
 * The saved programs, for a person at the console. Every answer is JSON text: `{ "value": … }`, or `{ "refused": "the reason" }`.
 * The inputs that are JSON text are those of core/saved/inputs.ts, and have been read.
 */
export class SavedDesk extends RpcTarget {
  readonly #parts: Composition;

  constructor(parts: Composition) {
    super();
    this.#parts = parts;
  }

  list(): Promise<string> {
    return this.#answer((changes) => changes.list(false));
  }

  get(name: string, revision?: number): Promise<string> {
    return this.#answer((changes) => changes.get({ name, revision }));
  }

  history(name: string): Promise<string> {
    return this.#answer((changes) => changes.history({ name }));
  }

  create(json: string): Promise<string> {
    return this.#change("saved_created", (changes) => changes.create(JSON.parse(json)));
  }

  update(name: string, { patch, revision }: { patch: string; revision?: number | undefined }): Promise<string> {
    return this.#change("saved_updated", (changes) =>
      changes.update({ name, patch: JSON.parse(patch), expectedRevision: revision }),
    );
  }

  /** @param decides whether the person may accept what programs propose */
  remove(name: string, decides: boolean): Promise<string> {
    return this.#change("saved_removed", (changes) => changes.remove({ name }, decides));
  }

  rollback(name: string, revision: number): Promise<string> {
    return this.#change("saved_rolled_back", (changes) => changes.rollback({ name, revision }));
  }

  async #change(what: string, make: (changes: Changes) => Promise<unknown>): Promise<string> {
    const reply = await this.#reply(make);
    this.#parts.audit.note({ action: "administration", what, outcome: "refused" in reply ? "failed" : "succeeded" });
    return JSON.stringify(reply);
  }

  async #answer(make: (changes: Changes) => Promise<unknown>): Promise<string> {
    return JSON.stringify(await this.#reply(make));
  }

  async #reply(make: (changes: Changes) => Promise<unknown>): Promise<{ value: unknown } | { refused: string }> {
    const { changes } = this.#parts.saved;
    if (changes === undefined) return { refused: "Saved programs are off here (SAVED_TOOLS=off)." };
    try {
      return { value: await make(changes) };
    } catch (error) {
      if (error instanceof SavedRefusal || error instanceof OrchestratorError) return { refused: error.message };
      throw error;
    }
  }
}
