import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "./support/sources.ts";

/* What the documents point at is there. */

const documents = [
  ...["README.md", "AGENTS.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "bench/README.md"],
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .map((file) => join("docs", file)),
];

const textOf = (document: string) => readFileSync(join(root, document), "utf8");

/** Every path of this repository that stands in backticks, in prose or in a picture; patterns and placeholders are none. */
function pathsIn(text: string): string[] {
  const code = [...text.matchAll(/```[\s\S]*?```|`[^`\n]+`/g)].map(([code]) => code).join("\n");
  const paths = code.matchAll(/(?<![\w./-])(?:core|worker|bridge|test|bench|docs|skills)\/[\w.@<>*{}…/-]*/g);
  return [...paths].map(([path]) => path.replace(/[./]+$/, "")).filter((path) => !/[<>*{}…]/.test(path));
}

/** Where relative links lead, from the root, without their place in the page. */
function linksIn(document: string): string[] {
  const prose = textOf(document).replace(/```[\s\S]*?```|`[^`\n]+`/g, "");
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
  const relative = targets.filter((target) => !/^(?:[a-z]+:|#)/.test(target));
  return relative.map((target) => join(dirname(document), target.replace(/#.*$/, "")));
}

const missing = (paths: readonly string[]) => paths.filter((path) => !existsSync(join(root, path)));

describe.each(documents)("%s", (document) => {
  test("names files that exist", () => {
    expect(missing(pathsIn(textOf(document)))).toEqual([]);
  });

  test("links to pages that exist", () => {
    expect(missing(linksIn(document))).toEqual([]);
  });
});

test("the README fits on a few screens", () => {
  expect(Buffer.byteLength(textOf("README.md"))).toBeLessThanOrEqual(9_216);
});

test("the README leads to each page of docs", () => {
  const pages = readdirSync(join(root, "docs")).map((name) => `docs/${name}`);
  const links = linksIn("README.md").map((link) => link.replace(/\/$/, ""));
  expect(pages.filter((page) => !links.includes(page))).toEqual([]);
});

test("the reader of paths takes whole paths and leaves patterns alone", () => {
  const text =
    "See `core/errors.ts`, `core/` and `test/<room>/a.ts`, not core/b.ts. `npm run bench:run` \n```\nworker/http   core/*.ts\n```";
  expect(pathsIn(text)).toEqual(["core/errors.ts", "core", "worker/http"]);
});
