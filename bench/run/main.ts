import { mkdir, writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { buildAll } from "../../worker/build.ts";
import { readOptions } from "../options.ts";
import { measure } from "./measurements.ts";
import { installCodemode, workerdVersion } from "./packages.ts";
import { bundleWorker } from "./process.ts";
import { reportOf, type Setting } from "./report.ts";
import { targetsOf } from "./targets.ts";

const usage = `Usage: npm run bench:run -- [--quick] [--json]

Runs the same programs with a bare Worker Loader, with @cloudflare/codemode and with this orchestrator, all in one workerd, and
prints the tables of bench/README.md. Takes about five minutes. Run nothing else at the same time.

  --quick   a tenth of the rounds: a rough estimate, not a measurement
  --json    print the numbers as JSON instead of the tables
  --help    print this text

All samples are written to bench/results/.
`;

const options = readOptions(usage);
if (options?.help) process.stdout.write(usage);
else if (options) await bench({ share: options.quick ? 0.1 : 1, isJson: options.json });

async function bench({ share, isJson }: { share: number; isJson: boolean }): Promise<void> {
  // Progress goes to stderr, so that stdout holds only the tables.
  const onStep = (title: string) => void process.stderr.write(`· ${title}\n`);
  const codemode = await installCodemode(onStep);
  onStep("building the Worker and the compiler");
  await buildAll();
  const worker = await bundleWorker();
  const [processor] = cpus();
  const [loadBefore = 0] = loadavg();
  const measurements = await measure({ worker, share, onStep });
  const [loadAfter = 0] = loadavg();
  const setting: Setting = {
    date: new Date().toISOString(),
    cores: cpus().length,
    processor: processor?.model.trim() ?? "unknown",
    node: process.versions.node,
    workerd: await workerdVersion(),
    codemode,
    load: { before: loadBefore, after: loadAfter },
  };
  const { raw, ...summaries } = measurements;
  const targets = targetsOf(measurements);

  const folder = new URL("../results/", import.meta.url);
  await mkdir(folder, { recursive: true });
  const file = fileURLToPath(new URL(`run-${setting.date.replaceAll(":", "-")}.json`, folder));
  await writeFile(file, JSON.stringify({ setting, share, targets, ...summaries, raw }, null, 1));
  onStep(`all samples: ${relative(process.cwd(), file)}`);
  process.stdout.write(
    isJson ? `${JSON.stringify({ setting, share, targets, ...summaries }, null, 2)}\n` : reportOf(measurements, setting),
  );
}
