import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { contextWithoutScripts, openConsole, seriousFindings, writeProgram } from "../support/browser.ts";
import { chromium } from "../support/chromium.ts";
import { type Product, startProduct } from "../support/product.ts";
import { projectRoot } from "../support/project-root.ts";
import { misbehaving } from "../support/stdio-entries.ts";

/* The console as a person uses it, in Chromium. */

describe.skipIf(chromium === undefined)("the console", { tags: ["console.pages"] }, () => {
  let product: Product;
  let browser: Browser;
  let page: Page;
  let errors: string[];

  beforeAll(async () => {
    product = await startProduct({ isClosed: true, registry: { servers: [{ ...misbehaving("hostile-texts"), id: "hostile" }] } });
    ({ browser, page, errors } = await openConsole(product));
  });

  beforeEach(() => {
    errors.length = 0;
  });

  afterAll(async () => {
    await browser?.close();
    await product?.[Symbol.asyncDispose]();
  });

  test.each([
    ["/", "Servers"],
    ["/console/tools?query=delete", "Tools"],
    ["/console/tools?server=hostile", "Tools"],
    ["/console/play", "Playground"],
    ["/console/runs", "Runs"],
    ["/console/numbers?last=hour", "Numbers"],
    ["/console/kept", "Kept"],
  ])("%s opens without an error or a serious finding of axe-core, light and dark", async (path, title) => {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.goto(product.url + path);
      expect(await page.locator("h1").textContent()).toBe(title);
      expect(await seriousFindings(page)).toEqual([]);
    }
    expect(errors).toEqual([]);
  });

  test("pages are reached with the keyboard", async () => {
    await page.goto(product.url);
    await page.keyboard.press("Tab");
    expect(await page.locator(":focus").textContent()).toBe("Skip to content");
    for (let step = 0; step < 3; step++) await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/console/play");
    expect(await page.locator('nav a[aria-current="page"]').textContent()).toBe("Playground");
  });

  test("what a server writes is shown as text", async () => {
    await page.goto(`${product.url}/console/tools?server=hostile`);
    expect(await page.locator("main").textContent()).toContain(`<img src=x onerror="document.title='owned'">`);
    expect(await page.title()).toBe("Tools · MCP orchestrator");
    expect(await page.locator("main img, main script").count()).toBe(0);
  });

  test("a program with a type error shows it at its line", async () => {
    await page.goto(`${product.url}/console/play`);
    await write('import { hostile } from "mcp-clients";\nreturn hostile.delete_some({});');
    const problem = page.locator(".cm-lint-marker-error");
    await problem.waitFor();
    await page.locator(".cm-lintRange-error").hover();
    await page.locator(".cm-tooltip-lint").waitFor();
    expect(await page.locator(".cm-tooltip-lint").textContent()).toContain("delete_all");
  });

  test("a run's lines are shown while it runs, and then its result", async () => {
    await page.goto(`${product.url}/console/play`);
    await write(`console.log("first"); await new Promise((done) => setTimeout(done, 3000)); return { answer: 42 };`);
    await page.keyboard.press("Control+Enter");
    await page.getByText("log: first").waitFor();
    expect(await page.locator("#answer").textContent()).toBe("Running …");
    await page.getByText('"answer": 42').waitFor();
    expect(errors).toEqual([]);
  });

  test("a run is cancelled by its button", async () => {
    await page.goto(`${product.url}/console/play`);
    await write(`await new Promise((done) => setTimeout(done, 9000)); return 1;`);
    await page.getByRole("button", { name: "Run" }).click();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByText("Cancelled.").waitFor();
    await page.goto(`${product.url}/console/runs`);
    await expect.poll(() => newestRun(), { timeout: 6_000 }).toContain("cancelled");
  });

  test("a run is found with its program, its answer and its calls in time", async () => {
    await page.goto(`${product.url}/console/play`);
    await write(
      'import { hostile } from "mcp-clients";\nreturn await Promise.all([hostile.delete_all({}), hostile.delete_all({})]);',
    );
    await page.keyboard.press("Control+Enter");
    await page.getByText('"ok": true').waitFor();
    await page.goto(`${product.url}/console/runs?server=none`);
    await page.getByText("No runs here.").waitFor();
    await page.getByLabel("Until (UTC)").fill("2020-01-01T00:00");
    await page.getByLabel("Called the server").fill("");
    await page.getByRole("button", { name: "Show" }).click();
    await page.getByText("No runs here.").waitFor();
    await page.getByLabel("Until (UTC)").fill("2099-01-01T00:00");
    await page.getByLabel("Called the server").fill("hostile");
    await page.getByRole("button", { name: "Show" }).click();
    expect(await page.locator("tbody tr").count()).toBe(1);
    await page.locator("tbody a").first().click();
    expect(await page.locator(".waterfall tbody tr").count()).toBe(2);
    expect(await page.locator(".waterfall tbody").textContent()).toContain("hostile.delete_all✓ succeeded");
    expect(await page.locator("main").textContent()).toContain("Promise.all");
    expect(await page.title()).toBe("Run · MCP orchestrator");
    expect(await seriousFindings(page)).toEqual([]);
    await runTest(await page.getByLabel("The run as a test").inputValue());
    await page.getByRole("button", { name: "Open in the playground" }).click();
    expect(await page.locator(".cm-content").textContent()).toContain("Promise.all");
  });

  test("what a tool answers, and what was typed for it, is shown as text", async () => {
    await page.goto(`${product.url}/console/tools?server=hostile`);
    await page.getByRole("link", { name: "Try delete_all" }).click();
    await page.getByLabel("<b>").fill("</textarea><script>document.title='owned'</script>");
    await page.getByRole("button", { name: "Call it" }).click();
    await page.getByText('"ok": true').waitFor();
    expect(await page.getByLabel("<b>").inputValue()).toContain("</textarea><script>");
    expect(await page.locator("#answer").textContent()).toContain("</pre><script>");
    expect(await page.title()).toBe("Tools · MCP orchestrator");
    expect(await page.locator("main img, main script").count()).toBe(0);
    expect(errors).toEqual([]);
  });

  test("a session's values are listed, downloaded and deleted", async () => {
    await page.goto(`${product.url}/console/play`);
    await write(`import { session } from "runtime"; await session.set("note", "<b>kept</b>"); return "set";`);
    await page.keyboard.press("Control+Enter");
    await page.getByText('"result": "set"').waitFor();
    await page.goto(`${product.url}/console/kept`);
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "note" }).click();
    expect((await download).suggestedFilename()).toBe("note.json");
    await page.getByRole("button", { name: "Delete note" }).click();
    await page.getByText("This session keeps nothing.").waitFor();
  });

  test("the files of a session's workspace are listed, downloaded as bytes and deleted", async () => {
    await page.goto(`${product.url}/console/play`);
    await write(
      `import { files } from "runtime"; await files.write("out/page.html", "<script>1</script>" + "é".repeat(500_000)); await files.write("out/b.txt", "b"); return "written";`,
    );
    await page.keyboard.press("Control+Enter");
    await page.getByText('"result": "written"').waitFor();
    await page.goto(`${product.url}/console/kept`);
    expect(await seriousFindings(page)).toEqual([]);
    const link = page.getByRole("link", { name: "out/page.html" });
    const cookies = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
    const answer = await fetch(product.url + (await link.getAttribute("href")), { headers: { Cookie: cookies } });
    expect(answer.headers.get("Content-Disposition")).toBe('attachment; filename="page.html"');
    expect(answer.headers.get("Content-Type")).toBe("application/octet-stream");
    expect(answer.headers.get("X-Content-Type-Options")).toBe("nosniff");
    // In several pieces.
    expect(await answer.text()).toBe(`<script>1</script>${"é".repeat(500_000)}`);
    await page.getByRole("button", { name: "Delete out/page.html" }).click();
    await page.getByRole("link", { name: "out/b.txt" }).waitFor();
    expect(await link.count()).toBe(0);
    const folder = await fetch(`${product.url}/console/kept/read?kind=file&name=out`, { headers: { Cookie: cookies } });
    expect(folder.status).toBe(404);
    await page.getByRole("button", { name: "Delete out/b.txt" }).click();
    await page.getByText("This session keeps nothing.").waitFor();
  });

  test("runs and calls are counted and plotted, and a table has the same without a script", {
    tags: ["console.numbers"],
  }, async () => {
    await page.goto(`${product.url}/console/play`);
    await write(
      'import { hostile } from "mcp-clients";\nawait hostile.delete_all({}); await hostile.delete_all({}); throw new Error("no");',
    );
    const before = await numbersOfToday();
    await page.keyboard.press("Control+Enter");
    await page.getByText('"ok": false').waitFor();
    const after = await numbersOfToday();
    expect(after.map((number, at) => number - (before[at] ?? 0))).toEqual([1, 1, 2, 0]);
    await page.goto(`${product.url}/console/numbers?last=hour`);
    await expect.poll(() => page.locator("figure:visible canvas").count(), { timeout: 10_000 }).toBe(4);
    await page.getByLabel("Last").selectOption("month");
    await page.getByRole("button", { name: "Show" }).click();
    await expect.poll(() => page.locator("#steps tbody tr").count(), { timeout: 10_000 }).toBe(30);
    expect(await seriousFindings(page)).toEqual([]);
    expect(errors).toEqual([]);
  });

  test("adds at most 250 KB of compressed files to a deployment", () => {
    const folder = join(projectRoot, "dist/assets/console");
    const sizes = readdirSync(folder).map((file) => gzipSync(readFileSync(join(folder, file))).length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(250_000);
  });

  test("works without a script: a form, and its answer as a page", async () => {
    await using context = await contextWithoutScripts(browser, page);
    const plain = await context.newPage();
    await plain.goto(`${product.url}/console/play`);
    await plain.locator("textarea").fill("return 6 * 7;");
    await plain.getByRole("button", { name: "Run" }).click();
    expect(await plain.locator("#answer").textContent()).toContain('"result": 42');
    await plain.getByRole("button", { name: "Add a file" }).click();
    const sources = await plain.locator("textarea").all();
    expect(await Promise.all(sources.map((source) => source.inputValue()))).toEqual(["return 6 * 7;", "export {};\n"]);
    await plain.getByRole("button", { name: "Remove this file" }).click();
    expect(await plain.locator("textarea").inputValue()).toBe("return 6 * 7;");
  });

  test("nothing is changed without the cookie, or from another origin", async () => {
    const body = new URLSearchParams({ kind: "value", name: "note", code: "return 1" });
    const paths = ["kept/delete", "play", "answer", "resume", "tools/try", "saved/change", "live/run/cancel"];
    for (const path of paths.map((name) => `/console/${name}`)) {
      const without = await fetch(product.url + path, { method: "POST", body, headers: { Origin: product.url } });
      expect(without.status).toBe(401);
      const cookies = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
      for (const headers of [{ Origin: "http://localhost:3000" }, { Origin: product.url }]) {
        const foreign = await fetch(product.url + path, { method: "POST", body, headers: { ...headers, Cookie: cookies } });
        expect(foreign.status).toBe(403);
      }
    }
  });

  /** As whoever copied it does, in a project that has the package. */
  async function runTest(text: string): Promise<void> {
    const file = join(projectRoot, "dist", `${crypto.randomUUID()}.test.mjs`);
    await writeFile(file, text);
    const env = { ...process.env, AUTH_TOKEN: await product.authToken() };
    try {
      const { stdout } = await promisify(execFile)(process.execPath, ["--test", "--test-reporter=tap", file], { env });
      expect(stdout).toContain("# pass 1");
    } finally {
      await rm(file);
    }
  }

  async function newestRun(): Promise<string> {
    await page.reload();
    return (await page.locator("tbody tr").first().textContent()) ?? "";
  }

  /** Runs, failed runs, calls and failed calls of the last day, as a page without a script has them. */
  async function numbersOfToday(): Promise<number[]> {
    await using context = await contextWithoutScripts(browser, page);
    const plain = await context.newPage();
    await plain.goto(`${product.url}/console/numbers`);
    const numbers = await plain.locator(".totals dd").allTextContents();
    return numbers.slice(0, 4).map(Number);
  }

  const write = (program: string) => writeProgram(page, program);
});
