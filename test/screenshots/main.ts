import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { openConsole, writeProgram } from "../support/browser.ts";
import { startProduct } from "../support/product.ts";
import { projectRoot } from "../support/project-root.ts";

/* `npm run screenshots`: the pictures of the README and of docs/console.md, from the product as it is, with the project's own registry. */

const folder = join(projectRoot, "docs/images");
const bytesMax = 150_000;

const program = `const zones = ["Asia/Tokyo", "Europe/Berlin", "America/New_York"];
const [times, hits] = await Promise.all([
  Promise.all(zones.map((timezone) => time.current_time({ timezone }))),
  grep.search({ pattern: "DurableObject", path: "worker" }),
]);
const week = await time.get_week_year({});
return {
  tokyo: times[0].split(", and ")[1],
  lines: hits.trim().split("\\n").length,
  week,
};
`;

await mkdir(folder, { recursive: true });
await using product = await startProduct({ isClosed: true });
const { browser, page } = await openConsole(product, { viewport: { width: 1000, height: 860 } });
await using _browser = browser;

await page.goto(`${product.url}/console/play`);
await writeProgram(page, program);
// The first run starts the servers; the second one is what people see every day.
for (const _run of ["first", "second"]) {
  await page.getByRole("button", { name: "Run" }).click();
  await page.getByText('"ok": true').waitFor();
}
// Without a list of completions or a cursor in it.
await page.locator("h1").click();
for (const scheme of ["light", "dark"] as const) await picture(page, { name: `playground-${scheme}`, scheme });

await page.goto(`${product.url}/console/runs`);
await page.locator("tbody a").first().click();
await page.getByText("From its beginning to its end").waitFor();
await picture(page, { name: "run", scheme: "dark" });

await page.goto(`${product.url}/console/tools?server=saved&tool=world_clock`);
await page.getByLabel("zones").fill("Asia/Tokyo\nEurope/Berlin");
await page.getByRole("button", { name: "Call it" }).click();
await page.getByText('"ok": true').waitFor();
await picture(page, { name: "try", scheme: "light" });

interface Picture {
  name: string;
  scheme: "light" | "dark";
}

async function picture(of: Page, { name, scheme }: Picture): Promise<void> {
  await of.emulateMedia({ colorScheme: scheme });
  await of.evaluate("scrollTo(0, 0)");
  const path = join(folder, `${name}.png`);
  await of.screenshot({ path, animations: "disabled" });
  const { size } = await stat(path);
  process.stdout.write(`${name}.png ${Math.round(size / 1_000)} KB\n`);
  if (size > bytesMax) throw new Error(`${name}.png is larger than ${bytesMax} bytes`);
}
