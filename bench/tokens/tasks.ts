/** A task as a model does it that knows only the three tools: it lists, sometimes describes, then runs one program. */
export interface Task {
  title: string;
  /** The servers that the task uses. */
  uses: readonly string[];
  /** One call of one tool is enough. */
  isOneCall: boolean;
  list: Record<string, unknown>;
  describe?: Record<string, unknown>;
  /** The program, for the folder that the servers work in. */
  code: (folder: string) => string;
  /** Text that the answer must contain: a failed program would use few tokens and must not count. */
  expects: string;
  /** The same task, or a part of it, by a program that was saved as a tool. */
  saved?: {
    /** What is done, if less than the whole task. */
    title?: string;
    name: string;
    /** What a model that does not know it asks for. */
    query: string;
    code: string;
    /** What it is called with. */
    args: (folder: string) => Record<string, unknown>;
  };
}

export const tasks: readonly Task[] = [
  {
    title: "the time in Tokyo",
    uses: ["time"],
    isOneCall: true,
    list: { query: "current time in a city" },
    code: () => `import { time } from "mcp-clients";\nreturn await time.current_time({ timezone: "Asia/Tokyo" });`,
    expects: "Asia/Tokyo",
  },
  {
    title: "how often TODO occurs in a folder",
    uses: ["grep"],
    isOneCall: true,
    list: { query: "count matches of a word in files" },
    code: (folder) =>
      `import { grep } from "mcp-clients";\nreturn await grep.count_matches({ pattern: "TODO", path: "${folder}/notes" });`,
    expects: "notes",
  },
  {
    title: "remember a fact",
    uses: ["memory"],
    isOneCall: true,
    list: { query: "remember a fact about a person" },
    code: () =>
      `import { memory } from "mcp-clients";\nreturn await memory.create_entities({ entities: [{ name: "Ada", entityType: "person", observations: ["prefers metric units"] }] });`,
    expects: "Ada",
  },
  {
    title: "find Notion pages by topic",
    uses: ["notion"],
    isOneCall: true,
    list: { query: "search notion pages" },
    code: () =>
      `import { notion } from "mcp-clients";\nconst { results } = await notion.API_post_search({ query: "offsite" }) as any;\nreturn results.map((page) => ({ id: page.id, title: page.properties.title.title[0].plain_text }));`,
    expects: "Offsite budget",
  },
  {
    title: "create a table, insert rows and sum them in SQL",
    uses: ["sqlite"],
    isOneCall: false,
    list: { query: "create a database table and query it with SQL" },
    code: () => `import { sqlite } from "mcp-clients";
await sqlite.create_table({ query: "CREATE TABLE IF NOT EXISTS orders (customer TEXT, amount REAL)" });
await sqlite.write_query({ query: "INSERT INTO orders VALUES ('Ada', 12.5), ('Bob', 7), ('Ada', 30)" });
return await sqlite.read_query({ query: "SELECT customer, sum(amount) AS total FROM orders GROUP BY customer ORDER BY total DESC" });`,
    expects: "Ada",
  },
  {
    title: "the longest of thirty files",
    uses: ["filesystem"],
    isOneCall: false,
    saved: {
      name: "longest_file",
      query: "longest text file in a folder",
      code: `/** The longest of the text files in a folder, by lines. */
export default async ({ folder }: { folder: string }): Promise<{ name: string; lines: number } | undefined> => {
  const listing = await filesystem.list_directory({ path: folder }) as any;
  const names = [...String(listing.content ?? listing).matchAll(/\\[FILE\\] (.+)/g)].map((match) => match[1] ?? "");
  const files = await Promise.all(names.map(async (name) => {
    const file = await filesystem.read_text_file({ path: folder + "/" + name }) as any;
    return { name, lines: String(file.content ?? file).split("\\n").length };
  }));
  return files.sort((a, b) => b.lines - a.lines)[0];
};`,
      args: (folder) => ({ folder: `${folder}/notes` }),
    },
    list: { query: "list a directory and read text files" },
    code: (folder) => `import { filesystem } from "mcp-clients";
const listing = await filesystem.list_directory({ path: "${folder}/notes" }) as any;
const names = [...String(listing.content ?? listing).matchAll(/\\[FILE\\] (.+)/g)].map((match) => match[1]);
const files = await Promise.all(names.map(async (name) => {
  const file = await filesystem.read_text_file({ path: "${folder}/notes/" + name }) as any;
  return { name, lines: String(file.content ?? file).split("\\n").length };
}));
return files.sort((a, b) => b.lines - a.lines)[0];`,
    expects: "note-29",
  },
  {
    title: "one meeting in twelve time zones",
    uses: ["time"],
    isOneCall: false,
    saved: {
      title: "one meeting in another time zone",
      name: "meeting_times",
      query: "meeting time in other time zones",
      code: `/** The time of a meeting in other time zones. */
export default async ({ time: at, from, zones }: { time: string; from: string; zones: string[] }): Promise<Record<string, string>> => {
  const times = await Promise.all(zones.map((zone) => time.convert_time({ sourceTimezone: from, targetTimezone: zone, time: at })));
  return Object.fromEntries(zones.map((zone, index) => [zone, /time in \\S+ is (\\S+ \\S+)\\. The/.exec(String(times[index]))?.[1] ?? ""]));
};`,
      args: () => ({ time: "2026-12-01 15:00:00", from: "Europe/Zurich", zones: ["Asia/Tokyo"] }),
    },
    list: { query: "convert time between time zones" },
    code: () => `import { time } from "mcp-clients";
const zones = ["America/New_York", "America/Sao_Paulo", "Europe/London", "Europe/Berlin", "Africa/Lagos", "Asia/Dubai", "Asia/Kolkata", "Asia/Singapore", "Asia/Tokyo", "Australia/Sydney", "Pacific/Auckland", "America/Los_Angeles"];
return await Promise.all(zones.map((zone) => time.convert_time({ sourceTimezone: "Europe/Zurich", targetTimezone: zone, time: "2026-12-01 15:00:00" })));`,
    expects: "Asia/Tokyo",
  },
  {
    title: "read the full types of a Notion page, then create one",
    uses: ["notion"],
    isOneCall: false,
    list: { query: "create a notion page" },
    describe: { id: "notion", detail: "schema", tools: ["API-post-page"] },
    code: () => `import { notion } from "mcp-clients";
const page = await notion.API_post_page({ parent: { page_id: "00000000-0000-4000-8000-000000000000" }, properties: { title: [{ text: { content: "Minutes" } }] } } as any) as any;
return page.id;`,
    expects: "00000000",
  },
  {
    title: "export a database to a CSV file and remember it",
    uses: ["sqlite", "filesystem", "memory"],
    isOneCall: false,
    list: { query: "read rows from sqlite, write a file, remember it" },
    describe: { id: "filesystem", tools: ["write_file"] },
    code: (folder) => `import { sqlite, filesystem, memory } from "mcp-clients";
const rows = await sqlite.read_query({ query: "SELECT customer, amount FROM orders" }) as any[];
const csv = ["customer,amount", ...rows.map((row) => row.customer + "," + row.amount)].join("\\n");
await filesystem.write_file({ path: "${folder}/orders.csv", content: csv });
await memory.create_entities({ entities: [{ name: "orders.csv", entityType: "file", observations: ["exported " + rows.length + " orders"] }] });
return { rows: rows.length };`,
    expects: "rows",
  },
  {
    title: "TODOs per file, with the date of the count",
    uses: ["grep", "time"],
    isOneCall: false,
    saved: {
      title: "how many files have a TODO",
      name: "todos_by_file",
      query: "TODOs by file",
      code: `/** How many files below a folder have a TODO. */
export default async ({ folder }: { folder: string }): Promise<{ files: number }> => {
  const found = await grep.count_matches({ pattern: "TODO", path: folder });
  return { files: String(found).split("\\n").filter((line) => /:\\d+$/.test(line.trim())).length };
};`,
      args: (folder) => ({ folder: `${folder}/notes` }),
    },
    list: { query: "search text in files" },
    describe: { id: "grep" },
    code: (folder) => `import { grep, time } from "mcp-clients";
const [found, now] = await Promise.all([grep.count_matches({ pattern: "TODO", path: "${folder}/notes" }), time.current_time({ timezone: "UTC" })]);
const files = String(found).split("\\n").filter((line) => line.includes("note-")).length;
return { files, at: String(now).slice(0, 120) };`,
    expects: "files",
  },
  {
    title: "try two tools of the test server",
    uses: ["everything"],
    isOneCall: false,
    list: { query: "echo a message and add numbers" },
    code: () => `import { everything } from "mcp-clients";
return await Promise.all([everything.echo({ message: "hello" }), everything.get_sum({ a: 17, b: 25 })]);`,
    expects: "42",
  },
  {
    title: "filter the lines around every TODO in thirty files",
    uses: ["grep"],
    isOneCall: false,
    list: { query: "regular expression search with context lines" },
    describe: { id: "grep", query: "advanced search" },
    code: (folder) => `import { grep } from "mcp-clients";
const text = String(await grep.advanced_search({ pattern: "TODO", path: "${folder}/notes", context: 1 }));
const lines = text.split("\\n").filter((line) => line.includes("TODO"));
return { count: lines.length, first: lines.slice(0, 3) };`,
    expects: "count",
  },
];
