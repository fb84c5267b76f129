import { join } from "node:path";
import { findFreePort } from "../../bridge/local/free-port.ts";
import { startBackground } from "./background-process.ts";

export interface PlainWorker extends AsyncDisposable {
  url: string;
  port: number;
}

type Option = string | ((port: number) => string);

/** Starts `npx wrangler dev` with its own storage and dev registry. An option may depend on the port. */
export function startPlainWorker(...options: Option[]): Promise<PlainWorker> {
  return startPlainWorkerIn({}, options);
}

/** The same with variables of the process besides. */
export async function startPlainWorkerIn(environment: Record<string, string>, options: readonly Option[]): Promise<PlainWorker> {
  const [port, inspectorPort] = [await findFreePort(), await findFreePort()];
  const started = await startBackground({
    args: (folder) => [
      "node_modules/wrangler/bin/wrangler.js",
      "dev",
      ...["--port", String(port), "--inspector-port", String(inspectorPort), "--persist-to", join(folder, "state")],
      "--show-interactive-dev-session=false",
      ...options.map((option) => (typeof option === "string" ? option : option(port))),
    ],
    env: (folder) => ({
      WRANGLER_REGISTRY_PATH: join(folder, "registry"),
      WRANGLER_SEND_METRICS: "false",
      NO_COLOR: "1",
      ...environment,
    }),
  });
  await started.printed(/Ready on http/);
  return { url: `http://127.0.0.1:${port}`, port, [Symbol.asyncDispose]: () => started[Symbol.asyncDispose]() };
}
