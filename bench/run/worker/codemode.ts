import {
  CodemodeConnector,
  type ConnectorTools,
  createCodemodeRuntime,
  DynamicWorkerExecutor,
  type ResolvedProvider,
} from "@cloudflare/codemode";
import type { Runner } from "./runner.ts";
import { type Servers, serverIds, toolsOf } from "./servers.ts";

/** @cloudflare/codemode as in the first example of its README: an executor and functions, without a record of the calls. */
export function createCodemode({ loader, servers }: { loader: WorkerLoader; servers: Servers }): Runner {
  const executor = new DynamicWorkerExecutor({ loader });
  const providers: ResolvedProvider[] = serverIds.map((name) => ({
    name,
    fns: Object.fromEntries(toolsOf(name).map((tool) => [tool.name, async () => servers.call(tool.name)])),
  }));
  return {
    async prepare({ code }) {
      return async () => {
        const { error } = await executor.execute(code, providers);
        if (error !== undefined) throw new Error(error);
        return {};
      };
    },
  };
}

/** The same with connectors and a durable log of the calls, which correspond to our servers and ledger. */
export function createDurableCodemode(parts: { loader: WorkerLoader; servers: Servers; ctx: DurableObjectState }): Runner {
  const { loader, servers, ctx } = parts;
  const runtime = createCodemodeRuntime({
    ctx,
    executor: new DynamicWorkerExecutor({ loader }),
    connectors: serverIds.map((id) => new BenchConnector(ctx, { id, servers })),
  });
  return {
    async prepare({ code }) {
      return async () => {
        const outcome = await runtime.execute({ code });
        if (outcome.status !== "completed") throw new Error(outcome.status === "error" ? outcome.error : outcome.status);
        return {};
      };
    },
  };
}

class BenchConnector extends CodemodeConnector<{ id: (typeof serverIds)[number]; servers: Servers }> {
  override name(): string {
    return this.env.id;
  }

  protected override tools(): ConnectorTools {
    return Object.fromEntries(
      toolsOf(this.env.id).map(({ name, description = "", inputSchema }) => [
        name,
        { description, inputSchema, execute: () => this.env.servers.call(name) },
      ]),
    );
  }
}
