import { openBrowser } from "../../test/support/browser.ts";
import { connectModern } from "../../test/support/mcp-clients.ts";
import { type Product, startProduct } from "../../test/support/product.ts";
import { misbehaving } from "../../test/support/stdio-entries.ts";
import { readOptions } from "../options.ts";
import { summarize } from "../run/statistics.ts";
import { measureStart, type StartCost, startReport } from "./start.ts";

const usage = `Usage: npm run bench:console -- [--quick] [--json]

Starts the main Worker with its console, without, and with one that its start evaluates, in turn. Runs 2,000 programs under a real npm start, in turn with and without a console open in Chromium; then 10,000 more, and opens every
page of past runs. Takes about ten minutes. Run nothing else at the same time.

  --quick   a tenth of the runs: a rough estimate, not a measurement
  --json    print the numbers as JSON instead of the table
  --help    print this text
`;

const turns = 20;
const runsOfTurn = (runs: number) => runs / 100;

const options = readOptions(usage);
if (options?.help) process.stdout.write(usage);
else if (options) await bench({ runs: options.quick ? 1_000 : 10_000, isJson: options.json });

interface Bench {
  product: Product;
  cookie: string;
  /** Runs a program, as an agent does. */
  run: (number: number) => Promise<void>;
}

async function bench({ runs, isJson }: { runs: number; isJson: boolean }): Promise<void> {
  const start = await measureStart(runs / 500 + 4);
  const forms = { ...misbehaving("forms"), id: "forms", limits: { callsPerMinute: 1_000_000 } };
  await using product = await startProduct({ isClosed: true, registry: { servers: [forms] } });
  const token = await product.authToken();
  await using client = await connectModern(`${product.url}/mcp`, { headers: { Authorization: `Bearer ${token}` } });
  const login = await fetch(`${product.url}/login?token=${token}`, { redirect: "manual" });
  const parts: Bench = {
    product,
    cookie: login.headers.get("Set-Cookie")?.split(";")[0] ?? "",
    async run(number) {
      const order = 'import { forms } from "mcp-clients"; return await forms.order({ item: "a" });';
      const code = number % 10 === 0 ? order : number % 100 === 1 ? "throw 1;" : "return 1;";
      await client.call("execute_mcp_code", { code });
    },
  };
  const openMs = await measureOpenConsole(parts, runs);
  await atOnce(runs, parts.run);
  const pages = await measurePages(parts);
  const measured: Measured = { pastRuns: runs + turns * runsOfTurn(runs), pages, openMs, start };
  process.stdout.write(isJson ? `${JSON.stringify(measured)}\n` : report(measured));
}

async function atOnce(count: number, run: (number: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let number = next++; number < count; number = next++) await run(number);
  };
  await Promise.all(Array.from({ length: 6 }, worker));
}

/** Milliseconds of each page of past runs, from the newest to the oldest, by the filter. */
async function measurePages({ product, cookie }: Bench): Promise<Record<string, number[]>> {
  const measured: Record<string, number[]> = {};
  for (const filter of ["", "outcome=failed", "server=forms", "server=nobody"]) {
    const times: number[] = [];
    for (let path: string | undefined = `/console/runs?${filter}`; path !== undefined; ) {
      const startedAt = performance.now();
      const page: string = await (await fetch(product.url + path, { headers: { Cookie: cookie } })).text();
      times.push(performance.now() - startedAt);
      path = /<a href="([^"]+)">Older runs/.exec(page)?.[1]?.replaceAll("&amp;", "&");
    }
    measured[filter === "" ? "all runs" : filter] = times;
  }
  return measured;
}

/** Milliseconds of a run in turns of without and with a console whose pages are open and opened again each second. */
async function measureOpenConsole({ product, cookie, run }: Bench, runs: number): Promise<{ closed: number[]; open: number[] }> {
  await using browser = await openBrowser();
  const context = await browser.newContext({ extraHTTPHeaders: { Cookie: cookie } });
  const [play, numbers] = [await context.newPage(), await context.newPage()];
  const measured: { closed: number[]; open: number[] } = { closed: [], open: [] };
  for (let turn = 0; turn < turns; turn++) {
    const isOpen = turn % 2 === 1;
    await play.goto(isOpen ? `${product.url}/console/play` : "about:blank");
    await numbers.goto(isOpen ? `${product.url}/console/runs` : "about:blank");
    const again = isOpen ? setInterval(() => void numbers.reload().catch(() => undefined), 1_000) : undefined;
    for (let number = 0; number < runsOfTurn(runs); number++) {
      const startedAt = performance.now();
      await run(number);
      // The first of a turn finds what the last turn left.
      if (number > 0) measured[isOpen ? "open" : "closed"].push(performance.now() - startedAt);
    }
    clearInterval(again);
  }
  return measured;
}

interface Measured {
  pastRuns: number;
  pages: Record<string, number[]>;
  openMs: { closed: number[]; open: number[] };
  start: StartCost;
}

function report({ pastRuns, pages, openMs, start }: Measured): string {
  const rows = Object.entries(pages).map(([filter, times]) => {
    const { median, p95 } = summarize(times);
    return `| ${filter} | ${times.length} | ${median.toFixed(1)} | ${p95.toFixed(1)} | ${Math.max(...times).toFixed(1)} |`;
  });
  const [closed, open] = [summarize(openMs.closed), summarize(openMs.open)];
  return `${pastRuns} past runs: a page of fifty, in ms

| page | pages | median | p95 | slowest |
| --- | --- | --- | --- | --- |
${rows.join("\n")}

A run, in ms: ${closed.median.toFixed(1)} / ${closed.p95.toFixed(1)} without a console, ${open.median.toFixed(1)} / ${open.p95.toFixed(1)} with one open (${(open.median / closed.median).toFixed(2)} ×).

${startReport(start)}`;
}
