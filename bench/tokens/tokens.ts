import { countTokens } from "gpt-tokenizer/encoding/o200k_base";

/** The parts of a tool that a client sends to its model. */
export interface Definition {
  name: string;
  description?: string | undefined;
  inputSchema: unknown;
}

export function definitionTokens(tools: readonly Definition[]): number {
  return tools.reduce(
    (sum, { name, description = "", inputSchema }) => sum + tokensOf({ name, description, input_schema: inputSchema }),
    0,
  );
}

/** The tokens of a text, or of a value as compact JSON. */
export function tokensOf(value: unknown): number {
  return countTokens(typeof value === "string" ? value : JSON.stringify(value));
}
