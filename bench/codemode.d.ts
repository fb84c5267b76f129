/*
 * What the benches use of @cloudflare/codemode 0.5.6, which is installed apart from the product (bench/package.json): they are
 * type-checked where it is not.
 */
declare module "@cloudflare/codemode" {
  export interface ExecuteResult {
    result: unknown;
    error?: string;
  }

  export interface ResolvedProvider {
    name: string;
    fns: Record<string, (...args: unknown[]) => Promise<unknown>>;
  }

  export interface Executor {
    execute(code: string, providers: ResolvedProvider[]): Promise<ExecuteResult>;
  }

  export class DynamicWorkerExecutor implements Executor {
    constructor(options: { loader: object });
    execute(code: string, providers: ResolvedProvider[]): Promise<ExecuteResult>;
  }

  /** A tool as a program finds it; the schema is JSON Schema. */
  export interface ToolDescription {
    description?: string;
    inputSchema: object;
  }

  export type ConnectorTools = Record<string, ToolDescription & { execute: (args: unknown) => unknown }>;

  export abstract class CodemodeConnector<Env = unknown> {
    protected env: Env;
    /** In a Worker `ctx` is the state of the Durable Object it is made in. */
    constructor(ctx: object, env: Env);
    abstract name(): string;
    protected abstract tools(): ConnectorTools;
  }

  export type ProxyToolOutput =
    | { status: "completed"; executionId: string; result: unknown }
    | { status: "paused"; executionId: string }
    | { status: "error"; executionId: string; error: string };

  export function createCodemodeRuntime(options: { ctx: object; connectors: CodemodeConnector[]; executor: Executor }): {
    execute(input: { code: string }): Promise<ProxyToolOutput>;
    search(query: string): Promise<unknown>;
  };

  /** The Durable Object that keeps the log of calls. */
  export class CodemodeRuntime {}

  export function generateTypesFromJsonSchema(tools: Record<string, ToolDescription>): string;
}
