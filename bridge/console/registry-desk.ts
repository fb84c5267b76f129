import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { OrchestratorError } from "../../core/errors.ts";
import { type AppliedChange, applyChange, viewRegistry } from "../../core/registry/apply-change.ts";
import type { Environment } from "../../core/registry/interpolation.ts";
import { type FileEntry, parseRegistry } from "../../core/registry/registry.ts";
import type { ChangeAnswer, ImportAnswer, NeededVariable, RegistryDesk } from "../../core/registry/registry-change.ts";
import { entryDocument } from "../../core/registry/registry-edit.ts";
import { findPastedServers } from "../import/found-servers.ts";
import { planImport } from "../import/plan.ts";
import { planNotes } from "../import/plan-notes.ts";
import { changeRegistryFile } from "../registry/change-registry-file.ts";
import { envFileBeside } from "../registry/env-file.ts";
import { type Self, selfReferenceIn } from "../registry/self-reference.ts";

export interface RegistryDeskOptions extends Self {
  /** The only file that is read and written: no request names one. */
  registryPath: string;
  /** What servers may refer to, the .env files included. */
  environment: Environment;
  /** Everyone on this machine is let in: what would be written is only shown. */
  isReadOnly: boolean;
}

/** The registry file of this start, for the console. */
export function createRegistryDesk(options: RegistryDeskOptions): RegistryDesk {
  const { registryPath, isReadOnly } = options;
  const isSet = (name: string) => Boolean(options.environment(name));
  const refuse = (entry: FileEntry) => selfReferenceIn(entry, options);
  let last: Promise<unknown> = Promise.resolve();
  return {
    async view() {
      return { file: registryPath, isWritten: !isReadOnly, ...viewRegistry(await readFile(registryPath, "utf8")) };
    },
    change(change) {
      const answer = last.then(async (): Promise<ChangeAnswer> => {
        let applied: AppliedChange | undefined;
        try {
          await changeRegistryFile(registryPath, (text) => {
            applied = applyChange(text, change, refuse);
            return applied.kind === "changed" && !isReadOnly ? applied.text : undefined;
          });
        } catch (error) {
          if (error instanceof OrchestratorError) return { kind: "refused", message: error.message };
          throw error;
        }
        if (applied === undefined) throw new Error("a change is applied or refused");
        return answerOf(applied, { registryPath, isSet, isWritten: !isReadOnly });
      });
      // One after another, whatever became of the one before.
      last = answer.catch(() => undefined);
      return answer;
    },
    readImport: async (text) => importOf(text, await readFile(registryPath, "utf8"), { ...options, isSet }),
  };
}

function answerOf(
  applied: AppliedChange,
  { registryPath: file, isSet, isWritten }: { registryPath: string; isSet: (name: string) => boolean; isWritten: boolean },
): ChangeAnswer {
  const variables: NeededVariable[] = applied.variables.map((variable) => ({ ...variable, isSet: isSet(variable.name) }));
  if (applied.kind !== "changed") return { ...applied, variables };
  const { kind, entries, line } = applied;
  return { kind, file, isWritten, entries, variables, envFile: envFileBeside(file), ...(line !== undefined && { line }) };
}

function importOf(
  text: string,
  registryText: string,
  {
    registryPath,
    environment,
    projectRoot,
    url,
    isSet,
  }: Omit<RegistryDeskOptions, "isReadOnly"> & { isSet: (name: string) => boolean },
): ImportAnswer {
  try {
    const plan = planImport(findPastedServers(text), {
      registered: parseRegistry(registryText).servers,
      source: "a pasted configuration",
      folder: dirname(registryPath),
      environment,
      self: { projectRoot, url },
      renamed: new Map(),
      renamesTaken: true,
    });
    return {
      kind: "found",
      entries: plan.entries.map(entryDocument),
      notes: planNotes(plan, registryPath).map(({ kind, text: note }) => `${kind}: ${note}`),
      variables: plan.variables.map(({ name, side }) => ({ name, side, isSet: isSet(name) })),
    };
  } catch (error) {
    if (error instanceof OrchestratorError) return { kind: "refused", message: error.message };
    throw error;
  }
}
