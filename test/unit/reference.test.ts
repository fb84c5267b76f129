import { expect, test } from "vitest";
import { reference } from "../support/reference/reference.ts";

const { text, wordless } = reference();

test("docs/reference.md is what the source says (npm run reference writes it)", { tags: ["docs.reference"] }, async () => {
  await expect(text).toMatchFileSnapshot("../../docs/reference.md");
});

test("every variable, binding, endpoint and error code has words, in its declaration or in test/support/reference/words.ts", {
  tags: ["docs.reference"],
}, () => {
  expect(wordless).toEqual([]);
});
