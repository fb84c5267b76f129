import { countTokens } from "gpt-tokenizer/encoding/o200k_base";

/** What a client sends to its model of a tool: these three and nothing else. */
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

/** Of a value as compact JSON, or of a text. */
export function tokensOf(value: unknown): number {
  return countTokens(typeof value === "string" ? value : JSON.stringify(value));
}
