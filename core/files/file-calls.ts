import { z } from "zod";
import { named } from "../closest.ts";
import { OrchestratorError } from "../errors.ts";
import { fileLimits } from "./file-limits.ts";
import { type FileQuota, noQuota } from "./file-quota.ts";
import type { FileAddress, FileStat } from "./file-store.ts";
import { type FileRef, locate, type Mounts, refTo } from "./mounts.ts";
import { Uploads } from "./uploads.ts";
import type { FileChange, Workspaces } from "./workspaces.ts";

/** The files that a run may use, and where it finds them. */
export interface RunFiles {
  workspaces: Workspaces;
  mounts: Mounts;
  /** Left out where no other session counts. */
  quota?: FileQuota | undefined;
}

/** The calls of `files` in the module runtime, for one run. Disposed at its end, with what it has not finished writing. */
export interface FileCalls extends Disposable {
  /** @throws OrchestratorError */
  call(name: string, args: readonly unknown[]): Promise<unknown>;
}

/** @param onWrite is called before anything is changed that outlives the run */
export function createFileCalls(files: RunFiles, onWrite: () => void): FileCalls {
  const { workspaces, mounts, quota = noQuota } = files;
  const uploads = new Uploads(workspaces);
  let hasDeleted = false;
  const at = (path: unknown) => locate(path, mounts);
  const refOf = ({ workspace }: FileAddress, stat: FileStat) => refTo(stat, { workspace, mounts });
  return {
    async call(name, args) {
      switch (name) {
        case "files.read":
          return workspaces.read(at(args[0]), readOffset(args[1]));
        case "files.stat": {
          const file = at(args[0]);
          const stat = workspaces.stat(file);
          return stat && refOf(file, stat);
        }
        case "files.list": {
          const folder = at(args[0] ?? "");
          return workspaces.list(folder).map((stat) => refOf(folder, stat));
        }
        case "files.upload": {
          using _room = await quota.roomFor(bytesOf(args[1]));
          return uploads.add(args[0], args[1]);
        }
        case "files.change": {
          const changes = readChanges(args[0]);
          using _room = await quota.roomFor(changes.reduce((sum, { base64 }) => sum + bytesOf(base64), 0));
          onWrite();
          hasDeleted ||= changes.some(({ kind }) => kind === "delete");
          return change(files, uploads, changes);
        }
        case "files.keep":
          onWrite();
          return workspaces.keep(mounts.own, readIdleMs(args[0])).expiresAt;
        default:
          throw new OrchestratorError("tool_unknown", `runtime has no "${named(name)}".`);
      }
    },
    [Symbol.dispose]() {
      uploads[Symbol.dispose]();
      quota.settle(hasDeleted);
    },
  };
}

const changesMax = 2 * fileLimits.filesMax;

/** What a program sends in one message to change files. Contents that are too long for it were uploaded before. */
const Changes = z
  .array(
    z.object({
      path: z.string(),
      kind: z.enum(["write", "append", "delete"]),
      base64: z.string().optional(),
      upload: z.number().optional(),
    }),
  )
  .max(changesMax);
type Changes = z.infer<typeof Changes>;

function readChanges(value: unknown): Changes {
  const changes = Changes.safeParse(value);
  if (changes.success) return changes.data;
  throw new OrchestratorError("invalid_arguments", `A file is changed by its path, a string; at most ${changesMax} at once.`);
}

/** The bytes that a text in base64 stands for, or a few more. */
function bytesOf(base64: unknown): number {
  return typeof base64 === "string" ? Math.ceil((base64.length * 3) / 4) : 0;
}

/** For each change the file as it is then, or whether there was one to delete. */
function change({ workspaces, mounts }: RunFiles, uploads: Uploads, changes: Changes): (FileRef | boolean | undefined)[] {
  const staged: number[] = [];
  try {
    const steps = changes.map(({ path, kind, ...content }): FileChange => {
      const file = locate(path, mounts);
      if (kind === "delete") return { kind, file };
      const taken = uploads.take(content);
      staged.push(taken);
      return { kind, file, staged: taken };
    });
    const before = steps.map(({ file }) => workspaces.has(file));
    workspaces.change(steps);
    return steps.map(({ kind, file }, index) => {
      const stat = workspaces.stat(file);
      return kind === "delete" ? before[index] : stat && refTo(stat, { workspace: file.workspace, mounts });
    });
  } catch (error) {
    for (const content of staged) workspaces.discard(content);
    throw error;
  }
}

function readOffset(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}

function readIdleMs(value: unknown): number {
  if (typeof value === "number" && value >= 1_000 && value <= fileLimits.idleMsMax) return Math.floor(value);
  throw new OrchestratorError("invalid_arguments", `files.keep(idleMs) takes 1000 to ${fileLimits.idleMsMax} milliseconds.`);
}
