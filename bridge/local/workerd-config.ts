/*
 * The configuration of workerd for `npm start`, as Cap'n Proto text: what wrangler.toml describes, on this machine. The format is
 * described in workerd.capnp of the package workerd. Processes reach each other through Unix sockets in the folder that holds these
 * files; only the main Worker listens on a port.
 */

/** The socket of a process, relative to the folder of its configuration. */
export const socketOf = (process: string) => `${process}.sock`;
/** Where the Worker reaches the host of the processes. */
export const hostSocket = socketOf("host");

export interface MainOptions {
  port: number;
  compatibilityDate: string;
  /** Path of the bundle, relative to the configuration, as all paths here. */
  script: string;
  /** The folder with the sessions' databases. */
  storage: string;
  /** File with the text of the registry. */
  registry: string;
  /** Name of a secret → the environment variable of the process that holds it. */
  secrets: ReadonlyMap<string, string>;
  /** Binding → the process whose entrypoint it calls. */
  entrypoints: Readonly<Record<string, string>>;
  /** PEM certificates to trust besides those of browsers. */
  certificates: readonly string[];
}

/** The Worker with the sessions. It reaches the network, and gets the secrets. */
export function mainConfig(options: MainOptions): string {
  const { port, compatibilityDate, script, storage, registry, secrets, entrypoints, certificates } = options;
  const bindings = [
    `(name = "SESSIONS", durableObjectNamespace = "Session")`,
    `(name = "MCP_REGISTRY", text = embed ${text(registry)})`,
    `(name = "SANDBOX_HOST", service = "host")`,
    ...Object.entries(entrypoints).map(([binding, process]) => `(name = ${text(binding)}, service = ${text(process)})`),
    ...[...secrets].map(([name, variable]) => `(name = ${text(name)}, fromEnvironment = ${text(variable)})`),
  ];
  return config({
    services: [
      `(name = "main", worker = (
        modules = [(name = "index.mjs", esModule = embed ${text(script)})],
        compatibilityDate = ${text(compatibilityDate)},
        bindings = [${bindings.join(", ")}],
        durableObjectNamespaces = [(className = "Session", uniqueKey = ${text(`${workerName}-Session`)}, enableSql = true)],
        durableObjectStorage = (localDisk = "storage"),
      ))`,
      `(name = "storage", disk = (path = ${text(storage)}, writable = true))`,
      // The registry may name servers on this machine and in its network.
      `(name = "internet", network = (
        allow = ["public", "private"],
        tlsOptions = (trustBrowserCas = true, trustedCertificates = [${certificates.map(text).join(", ")}]),
      ))`,
      ...[...new Set(Object.values(entrypoints))].map(
        (process) => `(name = ${text(process)}, external = (address = ${text(`unix:${socketOf(process)}`)}, http = ${rpc}))`,
      ),
      `(name = "host", external = (address = ${text(`unix:${hostSocket}`)}, http = ()))`,
    ],
    socket: `(name = "http", address = ${text(`127.0.0.1:${port}`)}, http = (), service = "main")`,
  });
}

export interface HostedOptions {
  /** Names the socket. */
  process: string;
  compatibilityDate: string;
  script: string;
  entrypoint: string;
  /** The folder with the compiler's bundle. */
  assets: string;
}

/** One entrypoint of the sandbox Worker in a process of its own, without network and secrets. */
export function hostedConfig({ process, compatibilityDate, script, entrypoint, assets }: HostedOptions): string {
  return config({
    services: [
      `(name = "main", worker = (
        modules = [(name = "index.mjs", esModule = embed ${text(script)})],
        compatibilityDate = ${text(compatibilityDate)},
        bindings = [(name = "LOADER", workerLoader = ()), (name = "ASSETS", service = "assets")],
        globalOutbound = "nowhere",
      ))`,
      `(name = "assets", disk = (path = ${text(assets)}))`,
      `(name = "nowhere", network = (allow = []))`,
    ],
    socket: `(name = "entrypoint", address = ${text(`unix:${socketOf(process)}`)}, http = ${rpc}, service = (name = "main", entrypoint = ${text(entrypoint)}))`,
  });
}

/** In wrangler.toml. The databases of the sessions are named after it. */
const workerName = "mcp-dynamic-orchestrator";

/** Makes a service callable over RPC from another process: both sides of the socket name the same host. */
const rpc = `(capnpConnectHost = "rpc")`;

/** Every process has a young generation of 1 MiB, because a laptop has less memory to spare than time. */
function config({ services, socket }: { services: string[]; socket: string }): string {
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    ${services.join(",\n    ")},
  ],
  sockets = [${socket}],
  v8Flags = ["--max-semi-space-size=1"],
);
`;
}

/** A text literal. Its escapes are those of JSON, but for \\u, which JSON.stringify uses only for control characters. */
function text(value: string): string {
  return JSON.stringify(value).replace(/\\u00([0-9a-f]{2})/g, "\\x$1");
}
