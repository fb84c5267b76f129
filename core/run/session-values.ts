import { named } from "../closest.ts";
import { OrchestratorError } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Store } from "../store.ts";

/* The values that programs keep in their session, each under a key. */

export const valuePrefix = "value/";

/** @throws OrchestratorError `invalid_arguments` */
export function valueKey(name: unknown): string {
  if (typeof name === "string" && name !== "" && name.length <= 200) return `${valuePrefix}${name}`;
  throw new OrchestratorError("invalid_arguments", "A session key is a string of 1 to 200 characters.");
}

export function valueNames(store: Store): string[] {
  return store.keys(valuePrefix).map((key) => key.slice(valuePrefix.length));
}

/** @throws OrchestratorError `output_limit`; then the value that was there stays */
export function writeValue(store: Store, key: string, value: unknown): void {
  const name = key.slice(valuePrefix.length);
  const json = JSON.stringify(value ?? null);
  if (json.length > limits.sessionValueCharsMax) {
    throw new OrchestratorError(
      "output_limit",
      `A session value has at most ${limits.sessionValueCharsMax} characters of JSON; "${named(name)}" has ${json.length}. Keep a part of it, or several.`,
    );
  }
  const before = store.readJson(key);
  if (before === undefined && store.keys(valuePrefix).length >= limits.sessionValuesMax) {
    throw new OrchestratorError(
      "output_limit",
      `A session keeps ${limits.sessionValuesMax} values, so there is no room for "${named(name)}". session.delete(key) makes some.`,
    );
  }
  store.writeJson(key, json);
  const bytes = store.bytes(valuePrefix);
  if (bytes <= limits.sessionValuesBytesMax) return;
  if (before === undefined) store.remove(key);
  else store.writeJson(key, before);
  throw new OrchestratorError(
    "output_limit",
    `The values of a session have at most ${limits.sessionValuesBytesMax} bytes together; with "${named(name)}" they would have ${bytes}. session.delete(key) makes room.`,
  );
}
