/*
 * The sandbox host runs, watches and replaces the workerd processes in which programs run and are type-checked. Local workerd
 * limits neither CPU time nor memory, so the host does. Started by local-stack.ts with the path of its options file.
 */

import { readFile } from "node:fs/promises";
import type { V4MiniflareOptions } from "miniflare";
import { limits } from "../../core/limits.ts";
import { serveControl } from "./control-server.ts";
import { HostOptions } from "./host-options.ts";
import { WorkerdProcess } from "./workerd-process.ts";

/** Longer than the Worker waits before it asks for a replacement. Only for programs whose session is gone. */
const frozenMs = limits.runCpuMs + 5_000;

const options = HostOptions.parse(JSON.parse(await readFile(process.argv[2] ?? "", "utf8")));
const processes = new Map<string, WorkerdProcess>();
for (const [name, worker] of Object.entries(options.sandboxes)) add(name, worker, limits.sandboxMemoryMiB);
add("compiler", options.compiler, limits.compilerMemoryMiB);

await Promise.all([...processes.values()].map((started) => started.start()));
const control = await serveControl({ port: options.port, token: options.token, processes });

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, async () => {
    control.close();
    control.closeAllConnections();
    await Promise.all([...processes.values()].map((running) => running.stop()));
    process.exit(0);
  });
}

function add(name: string, worker: string, memoryMiB: number): void {
  processes.set(
    name,
    new WorkerdProcess({
      name: worker,
      worker: workerOptions(),
      memoryMiB,
      frozenMs,
      onEnding: ({ reason }) => console.log(JSON.stringify({ event: "sandbox_replaced", process: name, reason })),
    }),
  );
}

function workerOptions(): V4MiniflareOptions {
  return {
    modules: true,
    scriptPath: options.script,
    compatibilityDate: options.compatibilityDate,
    workerLoaders: { LOADER: {} },
    serviceBindings: { ASSETS: { disk: { path: options.assetsFolder, writable: false } } },
    unsafeDevRegistryPath: options.registryFolder,
  };
}
