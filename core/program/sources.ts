import { closestHint, closestTo, named } from "../closest.ts";
import { OrchestratorError } from "../errors.ts";
import { limits } from "../limits.ts";

/** A program as it is sent: one snippet, or files. */
export interface ProgramInput {
  code?: string | undefined;
  files?: Record<string, string> | undefined;
  entrypoint?: string | undefined;
  language: "ts" | "js";
}

/** The text of each file by its normalised path, and the file that runs. */
export interface Sources {
  entry: string;
  sources: Map<string, string>;
}

/** @throws OrchestratorError `invalid_input` for a program without an entrypoint, with unusable paths, or that is too large */
export function readSources(input: ProgramInput): Sources {
  if ((input.code === undefined) === (input.files === undefined)) {
    throw new OrchestratorError("invalid_input", "Send exactly one of `code` (one snippet) or `files` with `entrypoint`.");
  }
  const files = input.code === undefined ? (input.files ?? {}) : { [`main.${input.language}`]: input.code };
  const sources = new Map<string, string>();
  for (const [path, source] of Object.entries(files)) {
    const clean = checkedPath(path);
    if (sources.has(clean))
      throw new OrchestratorError("invalid_input", `Two files have the path "${clean}"; "${path}" is the same. Send it once.`);
    sources.set(clean, source);
  }

  if (sources.size > limits.filesMax) {
    throw new OrchestratorError("invalid_input", `A program has at most ${limits.filesMax} files; this one has ${sources.size}.`);
  }
  const bytes = [...sources.values()].reduce((sum, source) => sum + new TextEncoder().encode(source).length, 0);
  if (bytes > limits.sourceBytesMax) {
    throw new OrchestratorError(
      "invalid_input",
      `The program is ${bytes} bytes; at most ${limits.sourceBytesMax} are accepted. Pass data through \`args\` or read it with a tool.`,
    );
  }
  return { entry: findEntry(input.entrypoint, sources), sources };
}

function findEntry(entrypoint: string | undefined, sources: ReadonlyMap<string, string>): string {
  if (entrypoint !== undefined) {
    const wanted = checkedPath(entrypoint);
    if (sources.has(wanted)) return wanted;
    const suggestions = closestTo(wanted, [...sources.keys()]);
    throw new OrchestratorError(
      "invalid_input",
      `The entrypoint "${named(wanted)}" is not among \`files\`.${closestHint(suggestions)}`,
      {
        suggestions,
      },
    );
  }
  const entry = ["main.ts", "index.ts", "main.js", "index.js"].find((candidate) => sources.has(candidate));
  if (entry !== undefined) return entry;
  throw new OrchestratorError(
    "invalid_input",
    `No entrypoint: name one of the files in \`entrypoint\`, or call it main.ts or index.ts. Files: ${[...sources.keys()].join(", ") || "none"}.`,
  );
}

/**
 * Normalises the path of a user's file. It becomes a module name, so it must not leave the program's folder or enter one of the
 * generated ones.
 */
function checkedPath(path: string): string {
  const clean = path.replace(/^(?:\.\/)+/, "");
  const isUsable =
    clean.length <= limits.filePathCharsMax &&
    /^[A-Za-z0-9_@+-][A-Za-z0-9_.@+-]*(?:\/[A-Za-z0-9_@+-][A-Za-z0-9_.@+-]*)*\.(?:tsx?|mts|jsx?|mjs|json)$/.test(clean) &&
    !/^(?:mcp-clients|mcp-orchestrator)\//.test(clean);
  if (isUsable) return clean;
  throw new OrchestratorError(
    "invalid_input",
    `"${path.slice(0, 80)}" is not a usable file path. Use relative paths that end in .ts, .js or .json, outside mcp-clients/.`,
  );
}
