import { builtinModules } from "node:module";
import { dirname } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { circles, functionsOf, type Import, importsOf, readSource, someNode, sourcesBelow } from "./support/sources.ts";

/* The directions of docs/architecture.md, read from the source: what a room may know, and what a file may be. */

interface Room {
  /** A folder with all below it, or one file. The row of a house itself holds the files that lie directly in it. */
  room: string;
  /** What other rooms may import, as paths inside the room; `*` is each of its files. */
  doors: string;
  /** The rooms of its house that it may import, or single files of one. Left out: every room of a later row. */
  knows?: readonly string[];
}

/**
 * The rooms of each house, and the directions: a room imports only what stands in later rows, and of another room only its
 * doors, types included. A port stands in the room that calls it; what implements it, elsewhere, needs it as a door.
 */
const houses: Record<string, readonly Room[]> = {
  core: [
    { room: "core/sandboxes", doors: "sandbox-server session-files" },
    { room: "core/orchestrator.ts", doors: "*" },
    {
      room: "core/run",
      doors:
        "execute answer check kept-things nested-programs run-history run-options live-run suspended-runs outcome operator-bounds preview isolate-bounds kept-results login-urls sandbox execute-input approval-desk approval-limits paused-runs run-desk",
    },
    // Saved programs are read and run by core/run, through the port `programs`.
    {
      room: "core/saved",
      doors: "saved-tools library library-port programs saved-limits inputs skill argument-schema script-files validate",
    },
    {
      room: "core/discovery",
      doors:
        "list describe help input instructions tool-definitions direct-call tool-form argument-form read-arguments search-memory meant-program",
    },
    { room: "core/search", doors: "search find likeness" },
    {
      room: "core/program",
      doors:
        "program guarded-script reader read-program read-request entry-signature kept-readings sources type-checker typescript-fallback stack-positions node-modules resolve-file traceless",
    },
    { room: "core/calls", doors: "gate run ledger call-summary progress elicitation tool-caller call-form" },
    {
      room: "core/policy",
      doors: "approvals pins rules traffic account account-counts account-holdings account-rates session-holdings",
    },
    { room: "core/codegen", doors: "declaration resources-and-prompts jsdoc module signature specifiers" },
    { room: "core/catalog", doors: "catalog observations tool-listing" },
    { room: "core/files", doors: "workspaces file-calls file-quota file-store file-limits" },
    { room: "core/built-in", doors: "built-in-server system-server" },
    { room: "core/tunnel", doors: "frames encoding chunks tunnel-limits" },
    { room: "core/remote", doors: "answer-body fetch forms remote-fetch" },
    // The words of the protocol, which every room above speaks.
    { room: "core/mcp", doors: "*" },
    // The calls of a run and their answers, from which it can be run again.
    { room: "core/journal", doors: "asked-calls call-entry determinism journal journal-scope" },
    // The records of what a session did, and what is counted of them.
    {
      room: "core/audit",
      doors: "audit run-audit sink record arguments metrics exposition tally tally-series audit-limits",
    },
    {
      room: "core/registry",
      doors:
        "registry tool-rules transports session-registry advertised-registry allow-list call-limits identifiers interpolation redaction script-limits server-key problem-place apply-change entry-secrets registry-change whole-registry registry-edit json-edit hidden-secrets secret-variables",
    },
    // What no room owns because all need it. Whatever else is to come has a room.
    {
      room: "core",
      doors:
        "clock closest errors file-refusal json limit-messages limits log-line loopback pausable-timer semaphore shared-timer store text token-bucket turns",
    },
  ],
  worker: [
    { room: "worker/platform.d.ts", doors: "", knows: ["worker/index.ts", "worker/http"] },
    { room: "worker/index.ts", doors: "*", knows: ["worker/http", "worker/objects", "worker/audit", "worker/sandbox"] },
    {
      room: "worker/http",
      doors: "app env service/orchestrator",
      knows: [
        "worker/objects",
        "worker/mcp",
        "worker/console",
        // A login link is read before any session is touched.
        "worker/upstream/oauth/login-links.ts",
        "worker/upstream/oauth/seal.ts",
        "worker/compiler-service.ts",
        "worker/bindings.ts",
        "worker",
      ],
    },
    {
      room: "worker/objects",
      doors: "session account library",
      knows: ["worker/compose.ts", "worker/mcp", "worker/upstream", "worker/storage", "worker/bindings.ts", "worker"],
    },
    {
      room: "worker/compose.ts",
      doors: "*",
      knows: [
        "worker/upstream",
        "worker/audit",
        "worker/storage",
        "worker/compiler-service.ts",
        "worker/bindings.ts",
        "worker/sandbox",
        "worker",
      ],
    },
    // These five know core and not each other; objects, compose and, for pages, http tie them.
    {
      room: "worker/console",
      doors:
        "shell servers-page server-details server-fields server-form-page registry-change-page tools-page tool-form play-page argument-input questions reply runs-page run-page kept-page saved-page numbers-page approvals-page live-page run-as-test",
      knows: [],
    },
    { room: "worker/mcp", doors: "server live elicitation mcp-session", knows: [] },
    {
      room: "worker/upstream",
      doors:
        "upstream bridges/tunnel bridges/tunnel-sockets oauth/login-links oauth/logins oauth/protocol oauth/seal oauth/server-login oauth/session-logins",
      knows: [],
    },
    { room: "worker/build.ts", doors: "", knows: ["worker/sandbox", "worker"] },
    { room: "worker/compiler-service.ts", doors: "*", knows: ["worker/bindings.ts", "worker/sandbox"] },
    { room: "worker/bindings.ts", doors: "*", knows: ["worker/audit", "worker/objects/library.ts", "worker/sandbox", "worker"] },
    // The records of all sessions, and how a session's get there.
    { room: "worker/audit", doors: "trail session-audit", knows: ["worker/storage"] },
    { room: "worker/storage", doors: "sqlite sqlite-files audit-outbox audit-ring", knows: [] },
    { room: "worker/text-modules.d.ts", doors: "", knows: ["worker/sandbox"] },
    {
      room: "worker/sandbox",
      doors:
        "sandbox host processes entrypoint compiler/build shell/build compiler/checker compiler/compiler-entrypoint compiler/compiler-process compiler/program-reader",
      knows: [],
    },
    { room: "worker", doors: "*", knows: [] },
  ],
  bridge: [
    { room: "bridge/start.mjs", doors: "", knows: ["bridge/main.mjs"] },
    { room: "bridge/main.mjs", doors: "*", knows: [] },
    { room: "bridge/cli.ts", doors: "", knows: ["bridge/commands", "bridge/local", "bridge"] },
    {
      room: "bridge/commands",
      doors: "command command-line",
      knows: [
        "bridge/console",
        "bridge/install",
        "bridge/import",
        "bridge/doctor",
        "bridge/tunnel",
        "bridge/local",
        "bridge/registry",
        "bridge/stdio",
        "bridge",
      ],
    },
    // What can be wrong, on this machine or with a deployment.
    {
      room: "bridge/doctor",
      doors: "finding certificates deploy-settings deployment listening programs registry secrets",
      knows: ["bridge/local", "bridge/registry", "bridge/sandbox", "bridge/stdio", "bridge"],
    },
    // What the console may do on this machine.
    { room: "bridge/console", doors: "registry-desk", knows: ["bridge/import", "bridge/registry"] },
    { room: "bridge/install", doors: "client-file clients configuration difference", knows: [] },
    { room: "bridge/import", doors: "found-servers plan plan-notes code-modes", knows: ["bridge/registry"] },
    { room: "bridge/tunnel", doors: "client address bridge-identity", knows: ["bridge/stdio", "bridge"] },
    {
      room: "bridge/local",
      doors: "local-secrets local-stack local-url found-stack free-port npm-parent start-claim start-record token-list users",
      knows: ["bridge/registry", "bridge/sandbox", "bridge/stdio", "bridge"],
    },
    {
      room: "bridge/registry",
      doors:
        "registry-file registry-watch change-registry-file scripts-folder first-registry advertised self-reference worker-secrets env-file",
      knows: ["bridge"],
    },
    // Whoever starts processes needs their lines and groups: local, for the two it starts.
    {
      room: "bridge/stdio",
      doors: "servers process-group line-splitter last-lines stdio-limits user-node launch",
      knows: ["bridge"],
    },
    // Processes of workerd: started, watched and replaced.
    {
      room: "bridge/sandbox",
      doors: "workerd-process workerd-binary control-server logged-process pause probe process-usage check-turns",
      knows: ["bridge/stdio"],
    },
    { room: "bridge", doors: "*", knows: [] },
  ],
  // Each file but the neutral ones is a subpath of the package, and the only one that knows its framework.
  faces: [{ room: "faces", doors: "*" }],
};

const sources = Object.keys(houses).flatMap(sourcesBelow);
const imports = sources.flatMap(importsOf);

/** `worker/http/app.ts` lies in `worker/http`; `worker/settings.ts` in `worker`. */
function isIn(path: string, folder: string): boolean {
  return path.startsWith(`${folder}/`);
}

function packageOf(specifier: string): string {
  const [first = "", second = ""] = specifier.split("/");
  return first.startsWith("@") ? `${first}/${second}` : first;
}

/** What breaks a rule, as a reader wants to see it. */
function offences(isOffence: (found: Import) => boolean): string[] {
  return imports.filter(isOffence).map(({ file, line, target }) => `${file}:${line} imports ${target}`);
}

function houseOf(path: string): string | undefined {
  return Object.keys(houses).find((house) => isIn(path, house));
}

function rowsBeside(path: string): readonly Room[] {
  return houses[houseOf(path) ?? ""] ?? [];
}

/** Undefined for a file in a folder that no row names. */
function roomOf(path: string): Room | undefined {
  const isItsFolder = ({ room }: Room) => (room.includes("/") ? isIn(path, room) : dirname(path) === room);
  return rowsBeside(path).find(({ room }) => room === path) ?? rowsBeside(path).find(isItsFolder);
}

function isDoor({ room, doors }: Room, path: string): boolean {
  return doors === "*" || pathsOf({ room, doors }).includes(withoutEnding(path));
}

function withoutEnding(path: string): string {
  return path.replace(/\.tsx?$/, "");
}

function pathsOf({ room, doors }: Room): string[] {
  return doors === "*" || doors === "" ? [] : doors.split(" ").map((door) => `${room}/${door}`);
}

function mayImport({ file, target }: Pick<Import, "file" | "target">): boolean {
  if (houseOf(target) === undefined) return true;
  const from = roomOf(file);
  const to = roomOf(target);
  if (from === undefined || to === undefined) return false;
  if (from === to) return true;
  if (!isDoor(to, target)) return false;
  const rows = rowsBeside(file);
  if (houseOf(file) !== houseOf(target)) return isIn(target, "core");
  return from.knows?.some((known) => known === to.room || known === target) ?? rows.indexOf(to) > rows.indexOf(from);
}

test("the reader of imports sees every kind", () => {
  const text = `import a from "./a.ts"; import type { B } from "./b.ts"; import { type C } from "hono/c"; import "node:d";
export * from "./e.ts"; export type { F } from "./f.ts"; const g = await import("./g.ts"); type H = import("./h.ts").H;
// import "./not.ts"
const text = 'import "./not-either.ts"';`;
  const seen = importsOf(readSource("worker/x/y.ts", text));
  expect(seen.map(({ target, isTypeOnly }) => [target, isTypeOnly])).toEqual([
    ["worker/x/a.ts", false],
    ["worker/x/b.ts", true],
    ["hono/c", true],
    ["node:d", false],
    ["worker/x/e.ts", false],
    ["worker/x/f.ts", true],
    ["worker/x/g.ts", false],
    ["worker/x/h.ts", true],
  ]);
  expect(sources.length).toBeGreaterThan(80);
  expect(imports.length).toBeGreaterThan(300);
});

test("the reader of functions counts whole spans", () => {
  const text = `function outer() {
  const inner = () => {
    return 1;
  };
  return { member() {
    return inner();
  } };
}`;
  expect(functionsOf(readSource("a.ts", text))).toEqual([
    { name: "outer", lines: 8 },
    { name: "inner", lines: 3 },
    { name: "member", lines: 3 },
  ]);
});

describe("rooms", () => {
  test.each(Object.values(houses).flat())("$room imports only doors, and only of rooms it may know", (row) => {
    expect(offences((found) => roomOf(found.file) === row && !mayImport(found))).toEqual([]);
  });

  test("are all in the table", () => {
    expect(sources.map(({ file }) => file).filter((file) => roomOf(file) === undefined)).toEqual([]);
  });

  test("know only rooms below them, so that no two need each other", () => {
    const backwards = Object.values(houses).flatMap((rows) =>
      rows.flatMap(({ room, knows = [] }, index) => {
        const below = rows.slice(index + 1);
        const isBelow = (known: string) => below.some((other) => other.room === known || isIn(known, other.room));
        return knows.filter((known) => !isBelow(known)).map((known) => `${room} knows ${known}`);
      }),
    );
    expect(backwards).toEqual([]);
  });

  test("have no door that nobody uses", () => {
    const used = new Set(
      imports.filter(({ file, target }) => roomOf(file) !== roomOf(target)).map(({ target }) => withoutEnding(target)),
    );
    const doors = Object.values(houses).flat().flatMap(pathsOf);
    expect(doors.filter((door) => !used.has(door))).toEqual([]);
  });

  test("may import as the table says", () => {
    const may = (file: string, target: string) => mayImport({ file, target });
    expect(may("core/run/a.ts", "core/calls/gate.ts")).toBe(true);
    expect(may("core/run/a.ts", "core/calls/retry.ts")).toBe(false);
    expect(may("core/calls/a.ts", "core/run/execute.ts")).toBe(false);
    expect(may("core/a.ts", "core/mcp/tool.ts")).toBe(false);
    expect(may("core/mcp/a.ts", "core/limits.ts")).toBe(true);
    expect(may("core/new/a.ts", "core/limits.ts")).toBe(false);
    expect(may("core/mcp/a.ts", "worker/settings.ts")).toBe(false);
    expect(may("worker/http/routes/a.ts", "worker/upstream/oauth/seal.ts")).toBe(true);
    expect(may("worker/http/routes/a.ts", "worker/upstream/oauth/logins.ts")).toBe(false);
    expect(may("worker/storage/a.ts", "core/run/outcome.ts")).toBe(true);
    expect(may("worker/storage/a.ts", "bridge/log.ts")).toBe(false);
  });
});

describe("files", () => {
  test("do not need each other: there is no circle, of types neither", () => {
    const all = [...imports, ...sourcesBelow("bench").flatMap(importsOf)];
    expect(circles(all.filter(({ isOurs }) => isOurs))).toEqual([]);
  });

  test("in a circle are found", () => {
    const edges = (...pairs: string[]) => pairs.map((pair) => ({ file: pair.charAt(0), target: pair.charAt(1) }));
    expect(circles(edges("ab", "bc", "ac", "cd"))).toEqual([]);
    expect(circles(edges("ab", "bc", "cb", "bd", "de", "ed", "ae"))).toEqual([
      ["d", "e"],
      ["b", "c"],
    ]);
    expect(circles(edges("ab", "bc", "cd", "da", "ce"))).toEqual([["a", "b", "c", "d"]]);
  });
});

describe("core", () => {
  // Pure code that runs anywhere. What is added here is added to the sandbox's host and to every test.
  const pure = ["@jridgewell/trace-mapping", "acorn", "fastest-levenshtein", "jsonc-parser", "stemmer", "sucrase", "zod"];

  test("imports no platform and no SDK, only pure libraries", { tags: ["core.anywhere"] }, () => {
    expect(offences(({ file, target, isOurs }) => isIn(file, "core") && !isOurs && !pure.includes(packageOf(target)))).toEqual(
      [],
    );
    for (const name of ["node", "cloudflare", "hono", "agents", "@modelcontextprotocol", "ws", "commander", ...builtinModules]) {
      expect(pure).not.toContain(name);
    }
  });

  test("prints nothing but the bugs that errors.ts logs", () => {
    const printing = sources
      .filter(({ file }) => isIn(file, "core") && file !== "core/errors.ts")
      .filter(({ tree }) => usesConsole(tree));
    expect(printing.map(({ file }) => file)).toEqual([]);
  });

  test("takes time and randomness as arguments", () => {
    const asking = sources
      .filter(({ file }) => isIn(file, "core"))
      .flatMap(({ file, tree }) => ambientUses(tree).map((use) => `${file} uses ${use}`));
    expect(asking).toEqual([]);
  });
});

function usesConsole(tree: ts.SourceFile): boolean {
  return someNode(tree, (node) => ts.isPropertyAccessExpression(node) && node.expression.getText(tree) === "console");
}

const ambient = ["Date.now", "Math.random", "crypto.randomUUID", "performance.now", "globalThis.setTimeout"];

function ambientUses(tree: ts.SourceFile): string[] {
  const found: string[] = [];
  someNode(tree, (node) => {
    if (ts.isPropertyAccessExpression(node) && ambient.includes(node.getText(tree))) found.push(node.getText(tree));
    if (ts.isCallExpression(node) && ["setTimeout", "setInterval", "fetch"].includes(node.expression.getText(tree))) {
      found.push(node.expression.getText(tree));
    }
    return false;
  });
  return found;
}

describe("worker and bridge", () => {
  test("leave tests and tools alone", () => {
    expect(offences(({ target, isOurs }) => isOurs && ["test", "bench", "docs"].some((folder) => isIn(target, folder)))).toEqual(
      [],
    );
  });

  test("keep to their platforms: no Cloudflare in the bridge, no command line in the worker", () => {
    const forbidden: Record<string, RegExp> = { bridge: /^(?:cloudflare:|hono|agents)/, worker: /^(?:ws|commander)$/ };
    for (const [room, pattern] of Object.entries(forbidden)) {
      expect(offences(({ file, target, isOurs }) => isIn(file, room) && !isOurs && pattern.test(target))).toEqual([]);
    }
  });
});

describe("faces", () => {
  test("know one framework each, and those that all others use know none", () => {
    const frameworks = ["ai", "openai", "@openai/agents", "@langchain/core", "@tanstack/ai"];
    const known = imports
      .filter(({ file, target, isOurs }) => isIn(file, "faces") && !isOurs && frameworks.includes(packageOf(target)))
      .map(({ file, target }) => `${file} ${packageOf(target)}`);
    expect([...new Set(known)].sort()).toEqual([
      "faces/ai.ts ai",
      "faces/langchain.ts @langchain/core",
      "faces/openai-agents.ts @openai/agents",
      "faces/openai.ts openai",
      "faces/tanstack-ai.ts @tanstack/ai",
    ]);
  });
});

describe("inside worker", () => {
  test("the main Worker, where the sessions are, has no parser of programs", () => {
    const reached = new Set(["worker/index.ts"]);
    for (const file of reached) {
      for (const found of imports) if (found.file === file && !found.isTypeOnly) reached.add(found.target);
    }
    expect(reached).toContain("core/run/prepare.ts");
    expect(["acorn", "sucrase", "typescript", "core/program/read-program.ts"].filter((target) => reached.has(target))).toEqual(
      [],
    );
  });

  test("http knows the session object by its type alone", () => {
    expect(
      offences(({ file, target, isTypeOnly }) => isIn(file, "worker/http") && isIn(target, "worker/objects") && !isTypeOnly),
    ).toEqual([]);
  });

  test("agents stays inside objects, upstream and mcp", () => {
    const allowed = ["worker/objects", "worker/upstream", "worker/mcp"];
    expect(
      offences(
        ({ file, target, isOurs }) => !isOurs && packageOf(target) === "agents" && !allowed.some((folder) => isIn(file, folder)),
      ),
    ).toEqual([]);
  });

  test("what runs in the isolate knows only its own folder and the platform", () => {
    const folder = "worker/sandbox/isolate/runtime";
    expect(
      offences(
        ({ file, target, isOurs }) => isIn(file, folder) && (isOurs ? !isIn(target, folder) : target !== "cloudflare:workers"),
      ),
    ).toEqual([]);
  });
});

describe("every file", () => {
  test("is imported from where its things live: only a main file, of a Worker or of the package, exports what others made", () => {
    const mains = ["worker/index.ts", "worker/sandbox/index.ts", "faces/index.ts", "faces/agents.ts"];
    expect(offences(({ file, isReExport }) => isReExport && !mains.includes(file))).toEqual([]);
  });

  test("lies in a folder that is named for what it is", () => {
    const folders = new Set(sources.flatMap(({ file }) => dirname(file).split("/")));
    for (const name of ["utils", "util", "shared", "lib", "types", "helpers", "common", "misc"])
      expect(folders).not.toContain(name);
  });

  test("is short enough to be read at once, and most fit on two screens", () => {
    expect(sources.filter(({ lines }) => lines > 300).map(({ file, lines }) => `${file}: ${lines} lines`)).toEqual([]);
    const lengths = sources.map(({ lines }) => lines).sort((a, b) => a - b);
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThan(90);
  });

  test("of core/ has only functions that fit on one screen, with everything inside them", () => {
    const tooLong = sources
      .filter(({ file }) => isIn(file, "core"))
      .flatMap((source) => functionsOf(source).map(({ name, lines }) => ({ name: `${source.file} ${name}`, lines })))
      .filter(({ lines }) => lines > 60);
    expect(tooLong.map(({ name }) => name)).toEqual([]);
  });

  test("imports files of ours by their whole name", () => {
    expect(offences(({ target, isOurs }) => isOurs && !/\.[a-z]+$/.test(target))).toEqual([]);
  });
});
