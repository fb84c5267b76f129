import { createHash, randomUUID } from "node:crypto";
import { hostname } from "node:os";

/** How a bridge identifies itself to the Worker. */
export interface BridgeIdentity {
  /** A hash that is the same whenever this machine serves this file in this way: with it, a bridge replaces its own old connection. */
  key: string;
  /** The id of this process. */
  instance: string;
  /** The name of this machine in the Worker's messages. */
  machine: string;
}

export interface ServedFile {
  /** Absolute path. */
  registryPath: string;
  only: readonly string[] | undefined;
  /** It stands for the Worker's own registry. */
  isWhole: boolean;
}

/** Called once in each process: with another instance, the Worker knows that the state of stateful servers is gone. */
export function identify({ registryPath, only, isWhole }: ServedFile): BridgeIdentity {
  const machine = hostname().slice(0, 200);
  // One that stands for the Worker's own registry takes the place of any other, whichever file it reads.
  const parts = isWhole ? [machine, isWhole] : [machine, registryPath, only === undefined ? "all" : [...only].sort(), isWhole];
  const key = createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
  return { key, instance: randomUUID(), machine };
}
