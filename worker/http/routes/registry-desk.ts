import type { z } from "zod";
import { type AppliedChange, applyChange, viewRegistry } from "../../../core/registry/apply-change.ts";
import {
  ChangeAnswer,
  ImportAnswer,
  type ImportRequest,
  type RegistryChange,
  type RegistryDesk,
  RegistryView,
} from "../../../core/registry/registry-change.ts";
import { owner } from "../../principals.ts";
import { registryTextOf } from "../../registry.ts";
import type { Env } from "../env.ts";

/**
 * The registry of this orchestrator. Under `npm start` its host reads and writes the file; elsewhere a person has to. An entry is a
 * command that is started on that machine, so only the owner writes one: a token with mcp:admin may be one for reading metrics.
 */
export function registryDeskOf(env: Env, principal: string): RegistryDesk {
  if (env.SANDBOX_HOST === undefined) return readOnlyDesk(registryTextOf(env));
  const desk = hostDesk(env.SANDBOX_HOST);
  return principal === owner ? desk : { ...desk, change: async () => ({ kind: "refused", message: notOwner }), whyNot: notOwner };
}

const notOwner = "Only the owner may change the registry: log in with the AUTH_TOKEN.";

/** See bridge/sandbox/control-server.ts. */
function hostDesk(host: Fetcher): RegistryDesk {
  async function ask<Shape extends z.ZodType>(shape: Shape, path: string, body?: object): Promise<z.infer<Shape>> {
    const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    const response = await host.fetch(`http://host${path}`, init);
    if (!response.ok) throw new Error(`the host answered ${response.status} for its registry`);
    return shape.parse(await response.json());
  }
  return {
    view: () => ask(RegistryView, "/registry"),
    change: (change: RegistryChange) => ask(ChangeAnswer, "/registry", change),
    readImport: (text) => ask(ImportAnswer, "/registry/import", { text } satisfies z.infer<typeof ImportRequest>),
  };
}

/** What was deployed. Nothing is written: a change says what a person has to write. */
function readOnlyDesk({ text, file }: { text: string; file: string }): RegistryDesk {
  return {
    view: async () => ({ file, isWritten: false, ...viewRegistry(text) }),
    change: async (change) =>
      answerOf(
        applyChange(text, change, () => undefined),
        file,
      ),
    readImport: undefined,
  };
}

function answerOf(applied: AppliedChange, file: string): ChangeAnswer {
  const variables = applied.variables.map((variable) => ({ ...variable, isSet: false }));
  if (applied.kind !== "changed") return { ...applied, variables };
  const { kind, entries, line } = applied;
  return { kind, file, isWritten: false, entries, variables, ...(line !== undefined && { line }) };
}
