import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { installPackage } from "../run/packages.ts";
import { type Direct, measureDirect } from "./direct.ts";
import { startNotionApi } from "./notion.ts";
import { connectTo, type OpenProduct, type Product, startProduct } from "./product.ts";
import { nineServers } from "./servers.ts";
import { type Task, tasks } from "./tasks.ts";
import { definitionTokens, tokensOf } from "./tokens.ts";

const usage = `Usage: npm run bench:tokens -- [--json]

Starts nine published MCP servers and counts the tokens of their tool definitions, which a model reads on every turn (o200k_base;
name, description and input schema, as clients send them). Then starts the orchestrator with the same nine servers, as npm start
does, and counts its three definitions and everything that list, describe and execute exchange for ${tasks.length} tasks, whose
programs are really run. Takes a minute.

  --json   print the numbers as JSON instead of the tables
  --help   print this text
`;

const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, help: { type: "boolean", default: false } },
});
if (values.help) process.stdout.write(usage);
else await bench();

interface Measured {
  title: string;
  uses: readonly string[];
  isOneCall: boolean;
  list: number;
  describe: number;
  execute: number;
  /** The definitions and the exchange together. */
  total: number;
}

async function bench(): Promise<void> {
  const onStep = (title: string) => void process.stderr.write(`· ${title}\n`);
  for (const name of ["mcp-server-sqlite-npx", "@notionhq/notion-mcp-server"]) await installPackage(name, onStep);
  const folder = await mkdtemp(join(tmpdir(), "bench-tokens-"));
  await using notion = await startNotionApi();
  try {
    await writeNotes(folder);
    const servers = await nineServers({ folder, notionUrl: notion.url });
    onStep("starting the nine servers one after another");
    const alone: Direct[] = [];
    for (const server of servers) alone.push(await measureDirect(server));
    onStep("starting the product with them");
    await using product = await startProduct(servers, folder);
    const { tools } = await product.client.listTools();
    const definitions = definitionTokens(tools);
    const instructions = tokensOf(product.client.getInstructions() ?? "");
    const measured: Measured[] = [];
    const isThere = (id: string) => servers.some((server) => server.id === id);
    for (const task of tasks.filter(({ uses }) => uses.every(isThere))) {
      onStep(task.title);
      measured.push(await measureTask(task, { product, folder, definitions }));
    }
    await using direct = await connectTo(new URL("?mode=direct", product.url));
    const directDefinitions = definitionTokens((await direct.client.listTools()).tools);
    const bySaved: MeasuredSaved[] = [];
    for (const task of tasks.filter(({ uses }) => uses.every(isThere))) {
      if (task.saved === undefined) continue;
      onStep(`${task.title}, by a saved program`);
      bySaved.push(await measureSaved(task, task.saved, { product, folder, definitions, direct, directDefinitions }));
    }
    const nine = alone.reduce((sum, { tokens }) => sum + tokens, 0);
    const result = {
      date: new Date().toISOString(),
      direct: alone,
      nine,
      definitions,
      directDefinitions,
      instructions,
      tasks: measured,
      bySaved,
    };
    process.stdout.write(values.json ? `${JSON.stringify(result, null, 2)}\n` : reportOf(result));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Thirty notes of growing length; every third has a TODO. */
async function writeNotes(folder: string): Promise<void> {
  await mkdir(join(folder, "notes"));
  for (let at = 0; at < 30; at++) {
    const lines = Array.from({ length: at + 5 }, (_, line) =>
      line === 3 && at % 3 === 0 ? `TODO: item ${at}` : `Line ${line} of note ${at}.`,
    );
    await writeFile(join(folder, "notes", `note-${at}.txt`), lines.join("\n"));
  }
}

interface TaskWorld {
  product: Product;
  folder: string;
  definitions: number;
}

async function measureTask(task: Task, { product, folder, definitions }: TaskWorld): Promise<Measured> {
  const list = await exchange(product, "list_mcp_capabilities", task.list);
  const described = task.describe && (await exchange(product, "describe_mcp", task.describe));
  const executed = await exchange(product, "execute_mcp_code", { code: task.code(folder) });
  expectAnswer(task, executed.answer);
  const describe = described?.tokens ?? 0;
  return {
    title: task.title,
    uses: task.uses,
    isOneCall: task.isOneCall,
    list: list.tokens,
    describe,
    execute: executed.tokens,
    total: definitions + list.tokens + describe + executed.tokens,
  };
}

interface SavedWorld extends TaskWorld {
  direct: OpenProduct;
  directDefinitions: number;
}

interface MeasuredSaved {
  title: string;
  /** The task that it does, or does a part of. */
  task: string;
  uses: readonly string[];
  /** By a program that calls it, and by `call_mcp_tool` for clients that have a code mode of their own. */
  ways: readonly { mode: "code" | "direct"; list: number; call: number; total: number }[];
}

/** The program is there, and the model does not know it: it lists, then calls. */
async function measureSaved(
  task: Task,
  { title = task.title, name, query, code, args }: NonNullable<Task["saved"]>,
  { product, folder, definitions, direct, directDefinitions }: SavedWorld,
): Promise<MeasuredSaved> {
  await product.call("execute_mcp_code", { code: "await dynamic.tool_create(args);", args: { name, code } });
  const given = args(folder);
  const literal = JSON.stringify(given).replaceAll(/"(\w+)":/g, "$1: ");
  const ways = [
    {
      mode: "code",
      at: product,
      definitions,
      tool: "execute_mcp_code",
      input: { code: `return await saved.${name}(${literal});` },
    },
    {
      mode: "direct",
      at: direct,
      definitions: directDefinitions,
      tool: "call_mcp_tool",
      input: { server: "saved", tool: name, args: given },
    },
  ] as const;
  const measured: MeasuredSaved["ways"][number][] = [];
  // Both list before either calls: a call that succeeded changes what the next list says.
  const lists = new Map<string, number>();
  for (const { mode, at } of ways) {
    const list = await exchange(at, "list_mcp_capabilities", { query });
    if (!JSON.stringify(list.answer).includes(name)) throw new Error(`${name} was not found: ${JSON.stringify(list.answer)}`);
    lists.set(mode, list.tokens);
  }
  for (const { mode, at, tool, input, ...way } of ways) {
    const called = await exchange(at, tool, input);
    expectAnswer(task, called.answer);
    const list = lists.get(mode) ?? 0;
    measured.push({ mode, list, call: called.tokens, total: way.definitions + list + called.tokens });
  }
  return { title, task: task.title, uses: task.uses, ways: measured };
}

/** Counts what the model writes for a call and what it reads as the answer. */
async function exchange({ call }: OpenProduct, name: string, args: Record<string, unknown>) {
  const answer = await call(name, args);
  return { answer, tokens: tokensOf({ name, arguments: args }) + tokensOf(answer) };
}

function expectAnswer({ title, expects }: Task, answer: unknown): void {
  const text = JSON.stringify(answer);
  if (!text.startsWith('{"ok":true') || !text.includes(expects)) throw new Error(`"${title}" went wrong: ${text}`);
}

interface Result {
  date: string;
  direct: readonly Direct[];
  nine: number;
  definitions: number;
  directDefinitions: number;
  instructions: number;
  tasks: readonly Measured[];
  bySaved: readonly MeasuredSaved[];
}

function reportOf(result: Result): string {
  const { date, direct, nine, definitions, instructions, tasks: measured } = result;
  const own = (task: Measured) => direct.filter(({ id }) => task.uses.includes(id)).reduce((sum, { tokens }) => sum + tokens, 0);
  const sorted = measured.map(({ total }) => total).sort((a, b) => a - b);
  const median = ((sorted[Math.floor((sorted.length - 1) / 2)] ?? 0) + (sorted[Math.ceil((sorted.length - 1) / 2)] ?? 0)) / 2;
  const rows = measured.map((task) => [
    task.isOneCall ? `${task.title} (one call)` : task.title,
    ...[task.list, task.describe, task.execute, task.total].map(String),
    less(task.total, nine),
    `${own(task)} (${task.uses.join(", ")})${task.total > own(task) ? ": **more than these alone**" : ""}`,
  ]);
  return `Counted on ${date.slice(0, 10)} with o200k_base. The tool definitions of nine servers, as a client sends them on every turn:

${table(["server", "tools", "tokens"], [...direct.map(({ id, tools, tokens }) => [id, String(tools), String(tokens)]), ["all nine", String(direct.reduce((sum, { tools }) => sum + tools, 0)), `**${nine}**`]])}

The three tools of the orchestrator: **${definitions}** tokens, and ${instructions} of instructions. The total of a task includes these definitions, what the model
writes and what it reads. For the nine servers only the definitions are counted, without what their calls would exchange.

${table(["task", "list", "describe", "execute", "total", "less than the nine", "definitions of only the servers it uses"], rows)}

Median total: **${median}**, ${less(median, nine)} less than the definitions of the nine.

${savedReport(result)}
`;
}

/** What a task takes by a saved program that the model does not know, and what it may take with the three definitions and without. */
function savedReport({ direct, directDefinitions, tasks: measured, bySaved }: Result): string {
  const bounds = { total: 700, exchange: 120 };
  const own = (uses: readonly string[]) =>
    direct.filter(({ id }) => uses.includes(id)).reduce((sum, { tokens }) => sum + tokens, 0);
  const isKept = (value: number, bound: number) => `${value}${value <= bound ? "" : ", **missed**"}`;
  const rows = bySaved.flatMap(({ title, task, uses, ways }) =>
    ways.map(({ mode, list, call, total }) => [
      `${title}${mode === "direct" ? ", `?mode=direct`" : ""}`,
      ...[list, call].map(String),
      isKept(list + call, bounds.exchange),
      isKept(total, bounds.total),
      String(total - list),
      String(measured.find((one) => one.title === task)?.total ?? "–"),
      `${own(uses)} (${uses.join(", ")})`,
    ]),
  );
  const { exchange: most, total } = bounds;
  const head = ["by a saved program", "list", "call", `both, at most ${most}`, `with definitions, at most ${total}`];
  return `The three tools of \`?mode=direct\`: **${directDefinitions}** tokens.

${table([...head, "the same, known before", "written out, as above", "definitions of only the servers it uses"], rows)}`;
}

function less(part: number, whole: number): string {
  return `${((1 - part / whole) * 100).toFixed(1)} %`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
