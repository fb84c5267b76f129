import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";

let tools: Promise<Record<string, Completion[]>> | undefined;

/** The ids of the servers, and after a point the tools of one, as a program calls them. */
export async function complete(context: CompletionContext): Promise<CompletionResult | null> {
  const word = context.matchBefore(/(?:[\w$]+\.)?[\w$]*/);
  if (word === null || (word.text === "" && !context.explicit)) return null;
  tools ??= fetch(`/console/play/completions${location.search}`).then((response) => (response.ok ? response.json() : {}));
  const known = await tools;
  const [server, member] = word.text.split(".");
  if (member === undefined)
    return { from: word.from, options: Object.keys(known).map((label) => ({ label, type: "namespace" })) };
  const options = known[server ?? ""];
  return options ? { from: word.from + (server?.length ?? 0) + 1, options } : null;
}
