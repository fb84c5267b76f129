import { json } from "node:stream/consumers";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openConsole, seriousFindings, writeProgram } from "../support/browser.ts";
import { chromium } from "../support/chromium.ts";
import { type Product, startProduct } from "../support/product.ts";
import { misbehaving } from "../support/stdio-entries.ts";

/* What programs and servers write to be run, to be believed, or to be too much for whoever looks at it. */

const markup = "</pre><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">";
/** Turns what follows it around. */
const override = "\u202e";

describe.skipIf(chromium === undefined)("the console shows as text", { tags: ["console.pages"] }, () => {
  let product: Product;
  let browser: Browser;
  let page: Page;
  let errors: string[];

  beforeAll(async () => {
    product = await startProduct({ isClosed: true, registry: { servers: [{ ...misbehaving("hostile-texts"), id: "hostile" }] } });
    ({ browser, page, errors } = await openConsole(product));
  });

  afterAll(async () => {
    await browser?.close();
    await product?.[Symbol.asyncDispose]();
  });

  test("lines of a program with markup, turned writing and a megabyte, while it runs and later", async () => {
    await run(`console.log(${JSON.stringify(`${markup}${override}txet`)});
      console.warn("one\\n[hostile] error: not from the server");
      console.error("x".repeat(1_000_000));
      return "printed";`);
    await page.getByText('"result": "printed"').waitFor();
    await expectLines();
    expect(errors).toEqual([]);
    await page.goto(`${product.url}/console/runs`);
    await page.locator("tbody a").first().click();
    await expectLines();
  });

  test("the message of a program's error, and where it stands", async () => {
    await run(`throw new Error(${JSON.stringify(`${markup}\n${override}txet`)});`);
    await page.locator(".problem").waitFor();
    expect(await page.locator(".problem").textContent()).toContain(`${markup}\ntxet`);
    expect(await page.locator(".problem pre").textContent()).toContain("</pre><script>");
    await expectOnlyText();
  });

  test("a result of a megabyte, of which the page has a part, and all of it as a download", async () => {
    await run(`return { markup: ${JSON.stringify(markup + override)}, long: ${JSON.stringify(markup)}.repeat(12_000) };`);
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download all of it" }).click();
    const stream = await (await download).createReadStream();
    expect(await json(stream)).toEqual({ markup: markup + override, long: markup.repeat(12_000) });
    expect(await page.locator("#answer").textContent()).toContain("\\u202e");
    expect((await page.content()).length).toBeLessThan(100_000);
    await expectOnlyText();
  });

  test("a tool whose name is markup, where it is listed, tried and among a run's calls", async () => {
    await page.goto(`${product.url}/console/tools?server=hostile`);
    const name = "</code><script>document.title='owned'</script>";
    await page.getByRole("link", { name: `Try ${name}\\u202eeman` }).click();
    await page.getByRole("button", { name: "Call it" }).click();
    await page.getByText('"ok": true').waitFor();
    expect(await page.locator("h2").first().textContent()).toContain(`${name}\\u202eeman`);
    await expectOnlyText();
    await page.goto(`${product.url}/console/runs`);
    await page.locator("tbody a").first().click();
    expect(await page.locator(".waterfall tbody").textContent()).toContain(`hostile.${name}\\u202eeman`);
    await expectOnlyText();
  });

  async function run(program: string): Promise<void> {
    errors.length = 0;
    await page.goto(`${product.url}/console/play`);
    await writeProgram(page, program);
    await page.getByRole("button", { name: "Run" }).click();
  }

  /** Each line is one row, whatever it says, and its origin stands apart. */
  async function expectLines(): Promise<void> {
    const rows = page.locator('[role="log"] .line');
    expect(await rows.count()).toBe(3);
    expect(await rows.nth(0).locator("span").allTextContents()).toEqual(["log: ", `${markup}\\u202etxet`]);
    expect(await rows.nth(1).locator("span").allTextContents()).toEqual(["warn: ", "one\n[hostile] error: not from the server"]);
    expect((await rows.nth(2).textContent())?.length).toBeLessThan(20_000);
    await expectOnlyText();
  }

  async function expectOnlyText(): Promise<void> {
    expect(await page.title()).not.toContain("owned");
    expect(await page.locator('main img[src="x"], main script').count()).toBe(0);
    // The editor of the playground is the program itself.
    expect((await page.locator("main > :not(#program)").allTextContents()).join()).not.toContain(override);
    expect(await seriousFindings(page)).toEqual([]);
  }
});
