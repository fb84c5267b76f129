import type { Clock } from "../clock.ts";
import type { FileAddress, FilePiece } from "../files/file-store.ts";
import { sessionWorkspace, type Workspaces } from "../files/workspaces.ts";
import type { Store } from "../store.ts";
import { keptResults, readResult, removeResult } from "./kept-results.ts";
import { valueKey, valueNames } from "./session-values.ts";

/** Something that a session keeps for later runs. */
export interface KeptThing {
  kind: "value" | "result" | "file";
  /** A value's key, a result's handle, or the path of a file of the session's own workspace. */
  name: string;
  /** Of its JSON text, or of the file. */
  bytes: number;
  /** Milliseconds since the epoch; undefined for a value. */
  keptAt?: number;
}

export type KeptKind = KeptThing["kind"];

/** What a person may see and delete of a session's values, results and files. */
export interface KeptThings {
  list(): KeptThing[];
  /** The JSON text of a value or a result, which may be megabytes; undefined when there is no such thing any more. */
  readJson(kind: Exclude<KeptKind, "file">, name: string): string | undefined;
  /** The bytes of a file from `from` on, as many as one call reads; undefined when there is no such file any more. */
  readFile(path: string, from: number): FilePiece | undefined;
  remove(kind: KeptKind, name: string): void;
}

interface KeptThingsParts {
  store: Store;
  workspaces: Workspaces;
  clock: Clock;
}

export function createKeptThings({ store, workspaces, clock }: KeptThingsParts): KeptThings {
  /** Only what is a file: whoever names a folder, or the workspace itself, does not mean all that is in it. */
  function fileAt(path: string): FileAddress | undefined {
    const file = { workspace: sessionWorkspace, path };
    return workspaces.stat(file) && file;
  }

  return {
    list: () => [
      ...valueNames(store).map((name): KeptThing => ({ kind: "value", name, bytes: store.bytes(valueKey(name)) })),
      ...keptResults(store).map(
        ({ key, handle, keptAt }): KeptThing => ({ kind: "result", name: handle, bytes: store.bytes(key), keptAt }),
      ),
      ...workspaces
        .list({ workspace: sessionWorkspace, path: "" })
        .map(({ path, bytes, modifiedAt }): KeptThing => ({ kind: "file", name: path, bytes, keptAt: modifiedAt })),
    ],
    readJson(kind, name) {
      if (kind === "value") return store.readJson(valueKey(name));
      return keptResults(store).some(({ handle }) => handle === name) ? readResult({ store, clock }, name) : undefined;
    },
    readFile(path, from) {
      const file = fileAt(path);
      return file && workspaces.read(file, from);
    },
    remove(kind, name) {
      if (kind === "value") return store.remove(valueKey(name));
      if (kind === "result") return removeResult(store, name);
      const file = fileAt(name);
      if (file) workspaces.change([{ kind: "delete", file }]);
    },
  };
}
