import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { readOptions } from "../options.ts";
import { installPackage, workerdVersion } from "../run/packages.ts";
import { startNotionApi } from "../tokens/notion.ts";
import { measureCalls } from "./calls.ts";
import { measureColdPrograms } from "./cold-programs.ts";
import { reportOf, type Setting } from "./report.ts";
import { measureSavedPrograms } from "./saved-programs.ts";
import { measureStarts } from "./starts.ts";
import { type Measurements, targetsOf } from "./targets.ts";

const usage = `Usage: npm run bench:upstream -- [--quick] [--json]

Calls server-everything with the SDK's own client and with programs under a real npm start, over stdio and HTTP, and starts ten
published servers at once. Calls saved programs, and sends the same ones as they are. Takes about five minutes. Run nothing else at the same time.

  --quick   a fifth of the rounds: a rough estimate, not a measurement
  --json    print the numbers as JSON instead of the tables
  --help    print this text

All samples are written to bench/results/.
`;

const options = readOptions(usage);
if (options?.help) process.stdout.write(usage);
else if (options) await bench({ share: options.quick ? 0.2 : 1, isJson: options.json });

async function bench({ share, isJson }: { share: number; isJson: boolean }): Promise<void> {
  // Progress goes to stderr, so that stdout holds only the tables.
  const onStep = (title: string) => void process.stderr.write(`· ${title}\n`);
  const times = (rounds: number) => ({ rounds: Math.max(3, Math.round(rounds * share)), warmUps: share < 1 ? 1 : 2 });
  for (const name of ["mcp-server-sqlite-npx", "@notionhq/notion-mcp-server"]) await installPackage(name, onStep);
  const [loadBefore = 0] = loadavg();
  const measurements = await measure({ times, onStep });
  const [loadAfter = 0] = loadavg();
  const setting: Setting = {
    date: new Date().toISOString(),
    cores: cpus().length,
    processor: cpus()[0]?.model.trim() ?? "unknown",
    node: process.versions.node,
    workerd: await workerdVersion(),
    load: { before: loadBefore, after: loadAfter },
  };
  const kept = JSON.stringify({ setting, share, targets: targetsOf(measurements), ...measurements }, undefined, 1);
  const folder = new URL("../results/", import.meta.url);
  await mkdir(folder, { recursive: true });
  const file = fileURLToPath(new URL(`upstream-${setting.date.replaceAll(":", "-")}.json`, folder));
  await writeFile(file, kept);
  onStep(`all samples: ${relative(process.cwd(), file)}`);
  process.stdout.write(isJson ? `${kept}\n` : reportOf(measurements, setting));
}

type MeasureOptions = Parameters<typeof measureCalls>[0];

async function measure(measureOptions: MeasureOptions): Promise<Measurements> {
  const folder = await mkdtemp(join(tmpdir(), "bench-upstream-"));
  await using notion = await startNotionApi();
  try {
    return {
      calls: await measureCalls(measureOptions),
      starts: await measureStarts({ ...measureOptions, folder, notionUrl: notion.url }),
      cold: await measureColdPrograms({ ...measureOptions, folder }),
      saved: await measureSavedPrograms({ ...measureOptions, folder }),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
