/** Objects whose word is kept. Of more, the ones that spoke longest ago are asked again. */
const objectsMax = 1_000;

/**
 * What objects last said of themselves, by name. Where all of them live in this process, as under `npm start`, that is still so, and
 * nobody has to ask them: a question between objects costs a tenth of a listing. On Cloudflare an object may live on another machine by
 * now, so there it is asked.
 */
class SaidHere<Word> {
  readonly #words = new Map<string, Word>();

  say(object: string, word: Word): void {
    this.#words.delete(object);
    this.#words.set(object, word);
    const [first] = this.#words.keys();
    if (this.#words.size > objectsMax && first !== undefined) this.#words.delete(first);
  }

  /** Undefined where it is to be asked. */
  by(object: string, { isLocal }: { isLocal: boolean }): Word | undefined {
    return isLocal ? this.#words.get(object) : undefined;
  }
}

/** Of a library: its version. */
export const libraryVersions = new SaidHere<number>();

/** Of a session: the MCP sessions that their clients have ended. */
export const endedMcpSessions = new SaidHere<readonly string[]>();
