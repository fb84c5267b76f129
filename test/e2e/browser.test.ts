import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { processesOf } from "../support/background-process.ts";
import { chromium } from "../support/chromium.ts";
import { connectModern, type McpClient } from "../support/mcp-clients.ts";
import { type Product, startProduct } from "../support/product.ts";

/*
 * Servers that keep a real browser open: the next program finds the page that the last one left, and the loss of a browser is
 * always reported. Skipped if no Chromium is installed.
 */

const entry = (id: string, command: string, args: readonly string[]) => ({
  id,
  title: id,
  summary: "A browser.",
  mcp: { transport: "stdio", command, args },
  stateful: true,
  limits: { timeoutMs: 60_000 },
});

const registry = {
  servers: [
    entry("playwright", "playwright-mcp", ["--headless", "--isolated", "--no-sandbox", "--executable-path", chromium ?? ""]),
    entry("chrome-devtools", "chrome-devtools-mcp", [
      "--headless",
      "--isolated",
      "--executablePath",
      chromium ?? "",
      "--chromeArg=--no-sandbox",
    ]),
  ],
};

const page = `<!doctype html><title>Count</title><button onclick="this.textContent = Number(this.textContent) + 1">0</button>`;

describe.skipIf(chromium === undefined)("a program with a browser", () => {
  let web: Server;
  let address: string;
  let product: Product;
  let client: McpClient;

  beforeAll(async () => {
    web = createServer((_request, response) => response.setHeader("Content-Type", "text/html").end(page));
    await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
    address = `http://127.0.0.1:${(web.address() as AddressInfo).port}/`;
    product = await startProduct({ registry });
    client = await connectModern(`${product.url}/mcp`);
  });

  afterAll(async () => {
    await client?.close();
    await product?.[Symbol.asyncDispose]();
    web?.close();
  });

  const run = async (code: string) =>
    (await client.call("execute_mcp_code", { code, args: { address }, maxRuntimeMs: 100_000 })).structured;
  /** Clicks the page's only button. */
  const click = `
    const snapshot = await playwright.$raw("browser_snapshot", {});
    const target = /button [^\\n]*\\[ref=(\\w+)\\]/.exec(JSON.stringify(snapshot.content).replaceAll("\\\\", ""))?.[1];
    if (target === undefined) return JSON.stringify(snapshot.content);
    await playwright.browser_click({ element: "the button", target });
    return await playwright.browser_evaluate({ function: "() => document.querySelector('button').textContent" });`;

  it("finds the page that the previous program opened in Playwright", { tags: ["stateful.browser"] }, async () => {
    const opened = await run(`import { args } from "runtime";
      await playwright.browser_navigate({ url: (args as { address: string }).address });
      ${click}`);
    expect(opened).toMatchObject({ ok: true, result: expect.stringContaining('"1"') });

    expect(await run(click)).toMatchObject({ ok: true, result: expect.stringContaining('"2"') });
  });

  it("reads a page's title through Chrome DevTools", async () => {
    const outcome = await run(`import { args } from "runtime";
      import * as devtools from "mcp-clients/chrome-devtools";
      const pages = await devtools.new_page({ url: (args as { address: string }).address });
      const pageId = Number(/(\\d+): .*\\[selected\\]/.exec(String(pages))?.[1]);
      return await devtools.evaluate_script({ pageId, function: "() => document.title" });`);

    expect(outcome).toMatchObject({ ok: true, result: expect.stringContaining("Count") });
  });

  it("fails once after the browser's server was killed, and the next program gets a new browser", {
    tags: ["stateful.browser"],
  }, async () => {
    const server = processesOf(product).find(({ command }) => /\bplaywright-mcp\b/.test(command));
    if (server === undefined) throw new Error("Playwright's server does not run");
    process.kill(server.pid, "SIGKILL");
    await expect.poll(() => processesOf(product).some(({ pid }) => pid === server.pid), { timeout: 10_000 }).toBe(false);

    const lost = await run(click);
    expect(lost).toMatchObject({
      ok: false,
      errors: [{ code: "server_unavailable", server: "playwright", message: expect.stringContaining("lost its state") }],
    });
    const opened = await run(`import { args } from "runtime";
      await playwright.browser_navigate({ url: (args as { address: string }).address });
      ${click}`);
    expect(opened).toMatchObject({ ok: true, result: expect.stringContaining('"1"') });
  });

  it("leaves no browser process behind", { tags: ["stateful.browser"] }, async () => {
    await client.close();
    expect(await product.stop("SIGINT")).toBe(0);
    await expect.poll(() => processesOf(product), { timeout: 5_000 }).toEqual([]);
  });
});
