import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
  chromium as playwright,
} from "playwright-core";
import { chromium } from "./chromium.ts";
import type { Product } from "./product.ts";

/** Opens the machine's own browser; tests that need one run only where there is one. */
export function openBrowser(): Promise<Browser> {
  if (chromium === undefined) throw new Error("this machine has no Chromium");
  return playwright.launch({ executablePath: chromium, args: ["--no-sandbox"] });
}

/** The owner's browser at the console of a product, on a page that has logged in. */
export async function openConsole(product: Product, options: BrowserContextOptions = {}) {
  const browser = await openBrowser();
  const page = await (await browser.newContext(options)).newPage();
  const errors = errorsOf(page);
  await page.goto(`${product.url}/login?token=${await product.authToken()}`);
  return { browser, page, errors };
}

/** The same person without scripts. Disposing closes it. */
export async function contextWithoutScripts(browser: Browser, page: Page): Promise<BrowserContext> {
  const context = await browser.newContext({ javaScriptEnabled: false });
  await context.addCookies(await page.context().cookies());
  return context;
}

/** Writes a program into the editor of the playground. */
export async function writeProgram(page: Page, program: string): Promise<void> {
  await page.locator(".cm-content").click();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(program);
}

/** Collects what the page's console says of errors, and the requests that its policy refused. */
function errorsOf(page: Page): string[] {
  const errors: string[] = [];
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(String(error)));
  return errors;
}

interface Violation {
  id: string;
  impact: string | null;
  nodes: { html: string }[];
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The serious findings of axe-core on the page as it is now. */
export async function seriousFindings(page: Page): Promise<string[]> {
  // Through the debugger's protocol, which the page's policy does not bind.
  await page.evaluate(axe);
  const { violations } = await page.evaluate<{ violations: Violation[] }>("axe.run()");
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}
