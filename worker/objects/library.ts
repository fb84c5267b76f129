import { DurableObject } from "cloudflare:workers";
import { Library as SavedLibrary } from "../../core/saved/library.ts";
import { answerLibrary } from "../../core/saved/library-port.ts";
import { systemClock } from "../clock.ts";
import { libraryVersions } from "../said-here.ts";
import { createSqliteStore } from "../storage/sqlite.ts";

/** The saved programs of one principal, whose name it has: the one owner of what all sessions of that principal read and change. */
export class Library extends DurableObject {
  readonly #library = new SavedLibrary({ store: createSqliteStore(this.ctx.storage), clock: systemClock });

  /** @param json of core/saved/library-port.ts, as the answer is */
  request(json: string): string {
    const answer = this.ctx.storage.transactionSync(() => answerLibrary(this.#library, json));
    libraryVersions.say(this.ctx.id.name ?? "", this.#library.version);
    return answer;
  }
}
