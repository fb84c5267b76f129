import { readPath } from "./file-path.ts";
import type { FileAddress, FileStat } from "./file-store.ts";

/** Where the paths of a run lead: to its own workspace, but those below a named folder ("/files/…") to another one. */
export interface Mounts {
  own: string;
  folders?: Readonly<Record<string, string>>;
}

/** A file as programs know it. Returned from one, it stands for the file. */
export interface FileRef extends FileStat {
  type: "file";
}

/** @throws OrchestratorError `invalid_arguments` */
export function locate(path: unknown, mounts: Mounts): FileAddress {
  const wanted = readPath(path);
  const [folder = ""] = wanted.split("/");
  const workspace = String(path).startsWith("/") ? mounts.folders?.[folder] : undefined;
  return workspace === undefined ? { workspace: mounts.own, path: wanted } : { workspace, path: wanted.slice(folder.length + 1) };
}

/** Under the path by which the run finds it again. */
export function refTo({ path, ...stat }: FileStat, { workspace, mounts }: { workspace: string; mounts: Mounts }): FileRef {
  const [folder] = Object.entries(mounts.folders ?? {}).find(([, id]) => id === workspace) ?? [];
  return { type: "file", path: folder === undefined ? path : `/${folder}/${path}`, ...stat };
}
