import { describe, expect, test } from "vitest";
import { serverEntry } from "../../support/builders.ts";
import { returned, scriptedSandbox } from "../../support/fakes.ts";
import { startSession } from "../../support/session.ts";
import { readMistakes, readValid } from "../../type-check/corpus.ts";
import { servers } from "../../type-check/servers.ts";
import { corpusUpstream } from "../../type-check/upstream.ts";

const entries = Object.keys(servers).map((id) => serverEntry(id));

const upstream = corpusUpstream();

/** A sandbox that runs nothing, for programs that must be refused before they run. */
const idle = scriptedSandbox(async () => returned("ran"));

describe("programs as models write them", () => {
  const samples = readValid();

  test.each(samples)("passes the check and runs: $title", { tags: ["typecheck.sloppy"] }, async ({ input }) => {
    expect(await startSession({ servers: entries, upstream }).run(input)).toMatchObject({ ok: true });
  });

  test("number at least 110", () => expect(samples.length).toBeGreaterThanOrEqual(110));
});

describe("programs with one mistake", () => {
  const mistakes = readMistakes();

  test.each(mistakes)(
    "is refused at the place of the mistake: $title",
    { tags: ["typecheck.blocks"] },
    async ({ wrong, right, code, suggestion, file, line, columns }) => {
      const session = startSession({ servers: entries, upstream, sandbox: idle });
      const { errors: [error] = [] } = await session.run(wrong);
      expect(error).toMatchObject({ code, file, line });
      // An import of a missing tool cannot be linked, so it is refused one phase earlier.
      expect(error?.phase).toMatch(/^(?:typecheck|compile)$/);
      if (columns) {
        expect(error?.column).toBeGreaterThanOrEqual(columns.first);
        expect(error?.column).toBeLessThanOrEqual(columns.last);
      }
      if (suggestion) expect(error?.suggestions).toContain(suggestion);
      // Without the mistake the program passes, so it has no other.
      expect(await session.run(right)).toMatchObject({ ok: true, result: "ran" });
    },
  );

  test("number at least 110", () => expect(mistakes.length).toBeGreaterThanOrEqual(110));
});
