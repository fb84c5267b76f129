/* Texts that are hard to read: for a parser, a compiler or whatever else looks at a program before it runs. */

export interface HardText {
  name: string;
  /** A whole module, in TypeScript or as JSON. */
  text: string;
  /** A TypeScript module if left out. */
  extension?: "json";
}

/** Those that once kept the session's process busy for seconds, or for ever. */
export const known: readonly HardText[] = [
  { name: "40 nested casts", text: `export const a = ${"<a>(".repeat(40)}1${")".repeat(40)};` },
  { name: "60,000 names in one declaration", text: `let ${names(60_000)};` },
  { name: "60,000 duplicate groups of a regular expression", text: `export const a = /${times(60_000, () => "(?<a>)", "|")}/;` },
  { name: "10,000 namespace imports", text: times(10_000, (n) => `import * as a${n} from "mcp-clients";`, "\n") },
  { name: "20,000 open brackets in JSON", text: "[".repeat(20_000), extension: "json" },
  {
    name: "a name used 50,000 times below 5,000 scopes",
    text: `${"{let b;".repeat(5_000)}${"a;".repeat(50_000)}${"}".repeat(5_000)}`,
  },
  {
    name: "500,000 lines that print stacks",
    text: `${"\n".repeat(500_000)}for (let n = 0; n < 40; n++) console.log("x" + "\\n    at f (main.ts:500001:5)".repeat(60));`,
  },
];

/** A part of the grammar: `count` of it side by side, each `depth` levels deep. */
type Production = (count: number, depth: number) => string;

const nested =
  (open: string, inner: string, close: string, separator = ";"): Production =>
  (count, depth) =>
    times(count, () => open.repeat(depth) + inner + close.repeat(depth), separator);

const listed =
  (open: string, item: (n: number) => string, close: string, separator = ","): Production =>
  (count, depth) =>
    times(depth, () => open + times(count, item, separator) + close, ";\n");

export const productions: Record<string, Production> = {
  parentheses: nested("(", "1", ")"),
  "open parentheses": nested("(", "1", ""),
  arrays: nested("[", "1", "]"),
  "open arrays": nested("[", "1", ""),
  objects: nested("({a:", "1", "})"),
  blocks: nested("{", "1", "}", "\n"),
  "open blocks": nested("{", "1", "", "\n"),
  "template literals": nested("`${", "1", "}`"),
  "arrow functions": nested("(a)=>", "1", ""),
  "arrow functions in parentheses": nested("((a)=>", "1", ")"),
  "parameters with defaults": nested("(a=", "1", ")=>1"),
  "async arrow functions": nested("async(a)=>", "1", ""),
  "functions with names": nested("(function a(){", "1", "})()"),
  "casts in angle brackets": nested("<a>", "1", ""),
  "casts in angle brackets and parentheses": nested("<a>(", "1", ")"),
  "casts with as": (count, depth) => times(count, () => `1${" as a".repeat(depth)}`, ";"),
  "casts with satisfies": (count, depth) => times(count, () => `1${" satisfies number".repeat(depth)}`, ";"),
  "type arguments": nested("f<", "a", ">(1)"),
  "open type arguments": nested("f<", "a", ""),
  generics: (count, depth) => times(count, (n) => `type A${n} = ${"Array<".repeat(depth)}1${">".repeat(depth)}`, ";"),
  "type parameters": listed("function f<", (n) => `A${n} extends A${n + 1}`, ">(){}"),
  unions: (count, depth) => times(depth, (n) => `type U${n} = ${times(count, (m) => `"u${m}"`, "|")}`, ";"),
  "unions in parentheses": (count, depth) => times(count, (n) => `type U${n} = ${"(1|".repeat(depth)}2${")".repeat(depth)}`, ";"),
  "function types": (count, depth) => times(count, (n) => `type F${n} = ${"(a:".repeat(depth)}1${")=>1".repeat(depth)}`, ";"),
  "conditional types": (count, depth) =>
    times(count, (n) => `type C${n}<T> = ${"T extends 1 ? ".repeat(depth)}1${" : 2".repeat(depth)}`, ";"),
  "mapped types": (count, depth) => times(count, (n) => `type M${n} = ${"{[a in 'b']:".repeat(depth)}1${"}".repeat(depth)}`, ";"),
  "object types": (count, depth) => times(count, (n) => `let o${n}: ${"{a:".repeat(depth)}1${"}".repeat(depth)}`, ";"),
  "interfaces that extend": (count) => times(count, (n) => `interface I${n} extends I${n + 1} {a: I${n}}`, "\n"),
  classes: nested("(class{a=", "1", "})"),
  "classes that extend": nested("class extends ", "a", "{}"),
  "members of a class": listed("class A {", (n) => `m${n}(){}`, "}", " "),
  "private members of a class": listed("(class {", (n) => `#m${n}=1`, "})", ";"),
  decorators: (count, depth) => times(count, () => `${"@a ".repeat(depth)}class {}`, ";"),
  namespaces: (count, depth) =>
    times(count, (n) => `namespace N${n} {${"namespace B {".repeat(depth)}export const a=1${"}".repeat(depth)}}`, "\n"),
  enums: listed("enum E {", (n) => `a${n}`, "}"),
  labels: (count, depth) => times(count, (m) => `${times(depth, (n) => `l${m}_${n}:`, "")}1`, ";"),
  "duplicate groups": (count, depth) => times(depth, () => `/${times(count, () => "(?<a>)", "|")}/`, ";"),
  "groups of a regular expression": nested("/(", "a", ")/"),
  "nested groups of a regular expression": (count, depth) =>
    times(count, () => `/${"(".repeat(depth)}${")*".repeat(depth)}/`, ";"),
  "classes of a regular expression": (count, depth) => times(count, () => `/${"[".repeat(depth)}${"]".repeat(depth)}/v`, ";"),
  "back references": (count, depth) => times(depth, () => `/${times(count, (n) => `\\k<a${n}>`, "")}/`, ";"),
  "names in let": (count, depth) => times(depth, (m) => `let ${times(count, (n) => `a${m}_${n}`, ",")}`, ";"),
  "names in var": (count, depth) => times(depth, () => `var ${names(count)}`, ";"),
  "names in const": (count, depth) => times(depth, (m) => `const ${times(count, (n) => `a${m}_${n}=1`, ",")}`, ";"),
  "names in a pattern": listed("var {", (n) => `a${n}`, "} = {}"),
  patterns: (count, depth) => times(count, () => `var ${"[".repeat(depth)}a${"]".repeat(depth)} = []`, ";"),
  "names in parameters": listed("((", (n) => `a${n}`, ")=>1)"),
  "names in imports": listed("import {", (n) => `a${n}`, '} from "runtime"'),
  "names in exports": (count) => `let ${names(count)}; export {${names(count)}}`,
  "names twice": (count) => `let ${names(count)}; let ${names(count)}`,
  "names with suffixes like ours": (count) => times(count, (n) => `$${n}`, ";"),
  "functions side by side": (count, depth) =>
    times(count, (n) => `function f${n}(){${"{".repeat(depth)}${"}".repeat(depth)}}`, "\n"),
  "var below functions": (count, depth) =>
    `${"(()=>{".repeat(depth)}${times(count, (n) => `var a${n}`, ";")}${"})()".repeat(depth)}`,
  "uses below functions": (count, depth) => `${"(()=>{let b;".repeat(depth)}${"a;".repeat(count)}${"})()".repeat(depth)}`,
  comments: (count, depth) => times(count, () => `${"/*".repeat(depth)}*/`, " "),
  "open comments": (count, depth) => "/*".repeat(count * depth),
  "line comments": (count) => "//\n".repeat(count),
  escapes: (count, depth) => times(count, () => `"${"\\u0061".repeat(depth)}"`, ";"),
  "escapes in names": (count, depth) => times(count, () => `var ${"\\u0061".repeat(depth)}`, ";"),
  "open strings": (count, depth) => times(count, () => `"${"a".repeat(depth)}`, "\n"),
  strings: (count, depth) => times(count, () => `"${"a".repeat(depth)}"`, ";"),
  "numbers with separators": (count, depth) => times(count, () => `1${"_1".repeat(depth)}`, ";"),
  "large numbers": (count, depth) => times(count, () => `${"9".repeat(depth)}n`, ";"),
  "optional chains": (count, depth) => times(count, () => `a${"?.b".repeat(depth)}`, ";"),
  "calls in a chain": (count, depth) => times(count, () => `a${"()".repeat(depth)}`, ";"),
  "members in a chain": (count, depth) => times(count, () => `a${"[b".repeat(depth)}${"]".repeat(depth)}`, ";"),
  "templates with tags": (count, depth) => times(count, () => `a${"``".repeat(depth)}`, ";"),
  conditions: nested("a?", "1", ":2"),
  "conditions with arrow functions": nested("a?(b):", "1", ""),
  "conditions with types": nested("a?(b):c=>", "1", ":2"),
  "binary operators": (count, depth) => times(count, () => `1${"+1".repeat(depth)}`, ";"),
  "less than": (count, depth) => times(count, () => `a${"<b".repeat(depth)}`, ";"),
  powers: (count, depth) => times(count, () => `1${"**1".repeat(depth)}`, ";"),
  "unary operators": (count, depth) => times(count, () => `${"!".repeat(depth)}1`, ";"),
  assignments: nested("a=", "1", ""),
  "if and else": nested("if(a){}else ", "1", "", "\n"),
  loops: nested("for(;;)", "1", "", "\n"),
  switches: nested("switch(a){case 1:", "1", "}", "\n"),
  "cases of a switch": listed("switch(a){", (n) => `case ${n}:`, "}", ""),
  tries: nested("try{", "1", "}catch{}", "\n"),
  awaits: nested("await ", "1", ""),
  "new expressions": nested("new ", "a", ""),
  jsx: nested("<a>", "b", "</a>"),
  "jsx with expressions": nested("<a b={", "1", "}/>"),
  "open jsx": nested("<a ", "", ""),
  "exports of strings": (count) => `let a; ${times(count, (n) => `export {a as "b${n}"}`, ";")}`,
  "dynamic imports": nested('import("./hard", ', "1", ")"),
  "namespace imports": (count) => times(count, (n) => `import * as a${n} from "runtime"`, ";\n"),
  "imports with types": (count) => times(count, (n) => `import {type A${n}, type B${n}} from "./none${n}"`, ";\n"),
  "html comments": (count) => "<!--\n-->\n".repeat(count),
  "line terminators": (count) => "\r\u2028\u2029\r\n".repeat(count),
  "text that is no program": (count, depth) => times(count, () => "\u0000\ud800\ufeff".repeat(depth), " "),
};

export const jsonProductions: Record<string, Production> = {
  "JSON arrays": nested("[", "1", "]", ","),
  "open JSON arrays": nested("[", "1", "", ","),
  "JSON objects": nested('{"a":', "1", "}", ","),
  "open JSON objects": nested('{"a":', "1", "", ","),
  "JSON keys": (count) => `{${times(count, (n) => `"a${n}":1`, ",")}}`,
  "JSON strings": (count, depth) => `[${times(count, () => `"${"\\u0061".repeat(depth)}"`, ",")}]`,
  "JSON that never ends": (count, depth) => `[${times(count, () => `"${"a".repeat(depth)}`, ",")}`,
};

/** Repetition × nesting. */
export const shapes: readonly { count: number; depth: number }[] = [
  { count: 1, depth: 24 },
  { count: 1, depth: 400 },
  { count: 200, depth: 1 },
  { count: 9, depth: 9 },
];

/** The most characters of one text: a longer one is refused before it is read. */
const charsMax = 400_000;

/** Every production in every shape. */
export function hardTexts(): HardText[] {
  const of = (table: Record<string, Production>, extension?: "json"): HardText[] =>
    Object.entries(table).flatMap(([name, production]) =>
      shapes.map(({ count, depth }) => ({
        name: `${name}, ${count} times ${depth} deep`,
        text: production(count, depth).slice(0, charsMax),
        ...(extension ? { extension } : {}),
      })),
    );
  return [...of(productions), ...of(jsonProductions, "json")];
}

/** A program that imports the text. */
export function importing({ text, extension }: HardText): { files: Record<string, string>; entrypoint: string } {
  const file = `hard.${extension ?? "ts"}`;
  return {
    files: { "main.ts": `import * as hard from "./${file}"; return Object.keys(hard).length;`, [file]: text },
    entrypoint: "main.ts",
  };
}

function times(count: number, item: (n: number) => string, separator: string): string {
  return Array.from({ length: count }, (_, n) => item(n)).join(separator);
}

function names(count: number): string {
  return times(count, (n) => `a${n}`, ",");
}
