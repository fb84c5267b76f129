import type { z } from "zod";
import type { Store } from "../../../core/store.ts";

/** Authenticated encryption with a secret of the deployment. */
export interface Seal {
  /** @returns a text that opens only with the same place */
  close(place: string, value: unknown): string;
  /** Undefined for a text that was not sealed for this place with this secret. */
  open(place: string, text: string): unknown;
}

/** Stores a session's login records encrypted. A value opens only in its session and under its key. */
export class Vault {
  readonly #store: Store;
  readonly #seal: Seal;
  readonly #session: string;

  constructor({ store, seal, session }: { store: Store; seal: Seal; session: string }) {
    this.#store = store;
    this.#seal = seal;
    this.#session = session;
  }

  /** Undefined for an unknown key, and for a value sealed with another secret. */
  read<T>(key: string, schema: z.ZodType<T>): T | undefined {
    const text = this.#store.read(key);
    if (typeof text !== "string") return undefined;
    return schema.safeParse(this.#seal.open(this.#placeOf(key), text)).data;
  }

  write(key: string, value: unknown): void {
    this.#store.write(key, this.#seal.close(this.#placeOf(key), value));
  }

  remove(key: string): void {
    this.#store.remove(key);
  }

  keys(prefix: string): string[] {
    return this.#store.keys(prefix);
  }

  #placeOf(key: string): string {
    return `${this.#session}\n${key}`;
  }
}
