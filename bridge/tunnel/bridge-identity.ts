import { createHash, randomUUID } from "node:crypto";
import { hostname } from "node:os";

/** Who a bridge is to the Worker. */
export interface BridgeIdentity {
  /** The same whenever this machine serves this file in this way: it replaces what it was before. Nothing can be read from it. */
  key: string;
  /** Of this process. */
  instance: string;
  /** How the Worker's messages call this machine. */
  machine: string;
}

export interface ServedFile {
  /** Absolute. */
  registryPath: string;
  only: readonly string[] | undefined;
  /** It stands for the Worker's own registry. */
  isWhole: boolean;
}

/** One for each process: what a server held is gone when the process is another. */
export function identify({ registryPath, only, isWhole }: ServedFile): BridgeIdentity {
  const machine = hostname().slice(0, 200);
  const parts = [machine, registryPath, only === undefined ? "all" : [...only].sort(), isWhole];
  const key = createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
  return { key, instance: randomUUID(), machine };
}
