import type { SavedContent } from "./definition.ts";
import { savedLimits } from "./saved-limits.ts";
import { problemsOf } from "./validate.ts";

/* Examples of a saved program: sentences, or arguments that whoever reads it takes as a call. */

type Examples = SavedContent["examples"];
type InputSchema = SavedContent["inputSchema"];

/** `@example` of the comment: arguments as JSON, or a sentence. */
export function examplesIn(tags: readonly { name: string; text: string }[]): Examples {
  return tags
    .filter(({ name, text }) => name === "example" && text !== "" && text.length <= savedLimits.exampleCharsMax)
    .slice(0, savedLimits.examplesMax)
    .map(({ text }) => argumentsIn(text) ?? text);
}

/** Those that a call could have. */
export function fittingExamples(examples: Examples, schema: InputSchema): Examples {
  return examples.filter((example) => problemsOfExample(example, schema).length === 0);
}

/** Why not all of them are, with the first that is none. */
export function whyUnfit(examples: Examples, schema: InputSchema): string | undefined {
  const at = examples.findIndex((example) => problemsOfExample(example, schema).length > 0);
  const example = examples[at];
  if (example === undefined) return undefined;
  return `example ${at + 1} does not fit its arguments: ${problemsOfExample(example, schema).join("; ")}.`;
}

function problemsOfExample(example: Examples[number], schema: InputSchema): string[] {
  return typeof example === "string" ? [] : problemsOf(example, schema);
}

function argumentsIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    // A sentence.
    return undefined;
  }
}
