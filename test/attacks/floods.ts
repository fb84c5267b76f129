import { type Attack, allEnding } from "./attack.ts";

const deep = "const deep = (levels) => { let a = JSON.parse('[]'); for (let n = 1; n < levels; n++) a = [a]; return a; };";
const runtime = `import { help, results, session } from "runtime";`;

/** Programs that ask for more than the session should do at once, or that build values which nest deep. */
export const floods: Attack[] = [
  ...allEnding(
    { error: "too_many_calls" },
    {
      "asks for help 900 times at once, with 250 words": `${runtime} await Promise.all(Array.from({ length: 900 }, (_, n) => help({ query: Array.from({ length: 250 }, (_, m) => "qz" + n + "x" + m).join(" ").slice(0, 2_000) })));`,
      "reads a large value 900 times at once": `${runtime} await session.set("large", "x".repeat(250_000)); try { await Promise.all(Array.from({ length: 900 }, () => session.get("large"))); } finally { await new Promise((wake) => setTimeout(wake, 1_000)); await session.delete("large"); }`,
      "reads a kept result 900 times at once": `${runtime} await Promise.all(Array.from({ length: 900 }, () => results.get("r_x").catch((e) => { if (e.code !== "invalid_arguments") throw e; })));`,
    },
  ),
  ...allEnding(
    { error: "output_limit" },
    {
      "keeps a value that nests deep": `${runtime} ${deep} await session.set("deep", deep(3_000));`,
      "returns a value that nests deep only when it is written": `${deep} let n = 0; return { get a() { return n++ === 0 ? [] : deep(3_000); } };`,
      "returns a value deeper than the stack only when it is written": `${deep} let n = 0; return { get a() { return n++ === 0 ? [] : deep(200_000); } };`,
    },
  ),
  {
    name: "keeps values of 8 MB, 20 at once",
    code: `${runtime} const large = "x".repeat(8e6); await Promise.all(Array.from({ length: 20 }, (_, n) => session.set("k" + n, large)));`,
    ends: { error: "output_limit" },
  },
  {
    name: "keeps a value deeper than the stack",
    code: `${runtime} ${deep} await session.set("deep", deep(200_000));`,
    ends: { error: "output_limit" },
  },
];
