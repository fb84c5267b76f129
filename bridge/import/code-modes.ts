import type { Tool } from "../../core/mcp/tool.ts";
import type { FileEntry } from "../../core/registry/registry.ts";

/*
 * A server may be a code mode itself: a tool that searches, and one that takes a program. It works here, but a program then carries
 * another program as a text, which no type check reads and no gate sees into. So it is named, with the switch that turns it off.
 */

/** The tag of such an entry. */
export const codeModeTag = "code-mode";

interface KnownCodeMode {
  matches: (mcp: FileEntry["mcp"]) => boolean;
  /** What gives its tools one by one; undefined where nothing does. Reads after "For single tools,". */
  off: string | undefined;
}

const known: readonly KnownCodeMode[] = [
  // https://github.com/cloudflare/mcp: "Disable Code Mode"
  { matches: isAt((url) => url.hostname === "mcp.cloudflare.com"), off: "add ?codemode=false to its url." },
  // Cloudflare's server portals take the same parameter; without it, their owner decides.
  { matches: isAt((url) => url.searchParams.has("codemode")), off: "remove codemode from its url, or set codemode=false." },
  { matches: runs("@utcp/code-mode-mcp"), off: undefined },
  { matches: runs("executor"), off: undefined },
];

/** What there is to say of an entry that is known to be a code mode; undefined for any other. Nothing is started or connected. */
export function codeModeOf({ mcp }: Pick<FileEntry, "mcp">): string | undefined {
  const isOff = isAt((url) => url.searchParams.get("codemode") === "false")(mcp);
  const found = isOff ? undefined : known.find(({ matches }) => matches(mcp));
  return found && sentenceFor(found.off);
}

/** The same for a server whose tools are listed, by its tools: one that takes a program, beside one that searches. */
export function codeModeIn(tools: readonly Tool[], entry: Pick<FileEntry, "mcp">): string | undefined {
  if (tools.length > toolsMax || !tools.some(takesProgram) || !tools.some(({ name }) => searching.test(name))) return undefined;
  return codeModeOf(entry) ?? sentenceFor(undefined);
}

/** A server of many tools may run a script among other things: a browser does. */
const toolsMax = 8;
const searching = /(?:^|[_-])(?:search|find|discover|list|docs|describe)(?:[_-]|$)/i;
const running = /(?:^|[_-])(?:execute|exec|run|eval|call)(?:[_-]|$)/i;
const programs = ["code", "script", "program", "source", "javascript", "typescript", "python"];

function takesProgram({ name, inputSchema }: Tool): boolean {
  const { properties } = inputSchema;
  return (
    running.test(name) && typeof properties === "object" && programs.some((field) => Object.hasOwn(Object(properties), field))
  );
}

function sentenceFor(off: string | undefined): string {
  return `it is a code mode of its own, whose tools take programs. ${off === undefined ? "No switch for single tools is known." : `For single tools, ${off}`}`;
}

function isAt(test: (url: URL) => boolean): KnownCodeMode["matches"] {
  return (mcp) => {
    const address = mcp.transport === "stdio" ? mcp.args.find((arg) => /^https?:/i.test(arg)) : mcp.url;
    return address !== undefined && URL.canParse(address) && test(new URL(address));
  };
}

/** Started by this package's name, in any version, or by its program. */
function runs(name: string): KnownCodeMode["matches"] {
  return (mcp) =>
    mcp.transport === "stdio" && [mcp.command, ...mcp.args].some((word) => word === name || word.startsWith(`${name}@`));
}
