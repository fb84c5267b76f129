/*
 * The configuration of workerd for `npm start`, as Cap'n Proto text: what wrangler.toml describes, on this machine. The format is
 * described in workerd.capnp of the package workerd. Processes reach each other through Unix sockets in the folder that holds these
 * files; only the main Worker listens on a port.
 */

import { basename } from "node:path";

/** The socket of a process, relative to the folder of its configuration. */
export const socketOf = (process: string) => `${process}.sock`;
/** Where the Worker reaches the host of the processes. */
export const hostSocket = socketOf("host");

export interface MainOptions {
  port: number;
  compatibilityDate: string;
  /** Paths of the Worker's modules, relative to the configuration, as all paths here. The first one is its entry. */
  modules: readonly string[];
  /** The folder with the static files. The compiler is none of them: the main Worker never runs it. */
  assets: string;
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
  const { port, compatibilityDate, modules, assets, storage, registry, secrets, entrypoints, certificates } = options;
  const bindings = [
    ...objects.map(({ binding, className }) => `(name = ${text(binding)}, durableObjectNamespace = ${text(className)})`),
    `(name = "MCP_REGISTRY", text = embed ${text(registry)})`,
    `(name = "SANDBOX_HOST", service = "host")`,
    `(name = "ASSETS", service = "assets")`,
    ...Object.entries(entrypoints).map(([binding, process]) => `(name = ${text(binding)}, service = ${text(process)})`),
    ...[...secrets].map(([name, variable]) => `(name = ${text(name)}, fromEnvironment = ${text(variable)})`),
  ];
  return config({
    services: [
      `(name = "main", worker = (
        modules = [${[...modules.map(moduleAt), noRegistry].join(", ")}],
        compatibilityDate = ${text(compatibilityDate)},
        bindings = [${bindings.join(", ")}],
        durableObjectNamespaces = [${objects.map(namespaceOf).join(", ")}],
        durableObjectStorage = (localDisk = "storage"),
      ))`,
      `(name = "assets", disk = (path = ${text(assets)}))`,
      `(name = "storage", disk = (path = ${text(storage)}, writable = true))`,
      // The registry may name servers on this machine and in its network.
      `(name = "internet", network = (
        allow = ["public", "private"],
        deny = [${hostServices.map(text).join(", ")}],
        tlsOptions = (trustBrowserCas = true, trustedCertificates = [${certificates.map(text).join(", ")}]),
      ))`,
      ...[...new Set(Object.values(entrypoints))].map(
        (process) => `(name = ${text(process)}, external = (address = ${text(`unix:${socketOf(process)}`)}, http = ${rpc}))`,
      ),
      `(name = "host", external = (address = ${text(`unix:${hostSocket}`)}, http = ()))`,
    ],
    socket: `(name = "http", address = ${text(`127.0.0.1:${port}`)}, http = (), service = "main")`,
    heapGrowth: 20,
  });
}

/** The modules import each other as neighbours. */
function moduleAt(path: string): string {
  return `(name = ${text(basename(path))}, esModule = embed ${text(path)})`;
}

/** A deployment has its registry in this module. Here MCP_REGISTRY is in its place. */
const noRegistry = `(name = "mcp.registry.json", text = "")`;

export interface HostedOptions {
  /** Names the socket. */
  process: string;
  compatibilityDate: string;
  script: string;
  entrypoint: string;
  /** The folder with the bundles of compiler and shell. */
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
    // A program's isolate has little to collect. And workerd has compiled what every isolate begins with for V8 without this flag: with
    // it, each compiles that again, a tenth of what an isolate costs.
    ...(entrypoint !== "Sandbox" && { heapGrowth: 50 }),
  });
}

/** In wrangler.toml. The databases of the objects are named after it. */
const workerName = "mcp-dynamic-orchestrator";

const objects = [
  { binding: "SESSIONS", className: "Session" },
  { binding: "ACCOUNTS", className: "Account" },
  { binding: "AUDIT", className: "AuditTrail" },
  { binding: "LIBRARIES", className: "Library" },
] as const;

function namespaceOf({ className }: { className: string }): string {
  return `(className = ${text(className)}, uniqueKey = ${text(`${workerName}-${className}`)}, enableSql = true)`;
}

/** Cloud metadata and the like, also behind a name that resolves there. By number: worker/upstream/remote/transport/address.ts. */
const hostServices = [
  "169.254.0.0/16",
  "fe80::/10",
  "168.63.129.16/32",
  "192.0.0.192/32",
  "100.100.100.200/32",
  "fd00:ec2::254/128",
  "fd20:ce::254/128",
];

/** Makes a service callable over RPC from another process: both sides of the socket name the same host. */
const rpc = `(capnpConnectHost = "rpc")`;

interface Config {
  services: string[];
  socket: string;
  /** The percentage by which V8's heap grows until V8 collects. Left out: what V8 finds best. */
  heapGrowth?: number;
}

/**
 * A laptop has less memory to spare than time: every process has a young generation of 1 MiB, and V8 collects as soon as its heap has
 * grown by a part, not when it has grown to the several times that it allows itself otherwise. The Worker's part is small, because each of
 * its objects for a request or a call holds several times its size outside the heap, of which V8 knows nothing, and workerd gives no memory
 * back to the system that it once had.
 */
function config({ services, socket, heapGrowth }: Config): string {
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    ${services.join(",\n    ")},
  ],
  sockets = [${socket}],
  v8Flags = ["--max-semi-space-size=1"${heapGrowth === undefined ? "" : `, "--heap-growing-percent=${heapGrowth}"`}],
);
`;
}

/** A text literal. Its escapes are those of JSON, but for \\u, which JSON.stringify uses only for control characters. */
function text(value: string): string {
  return JSON.stringify(value).replace(/\\u00([0-9a-f]{2})/g, "\\x$1");
}
