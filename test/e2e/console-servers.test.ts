import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openConsole, seriousFindings } from "../support/browser.ts";
import { chromium } from "../support/chromium.ts";
import { type Product, startProduct } from "../support/product.ts";
import { misbehaving } from "../support/stdio-entries.ts";

/* The servers' page in Chromium: what it shows of a server, and how it changes the registry. Scripts are off: it needs none. */

const token = "ghp_abcdefghijklmnop0123456789";
const scraper = "the token of a program that reads metrics";
const off = { id: "off", title: "Off", summary: "Off.", disabled: true, mcp: { transport: "stdio", command: "off" } };
const broken = { id: "broken", title: "Broken", mcp: { transport: "stdio", command: "broken" } };
const reveals = misbehaving("reveals");
const markup = `<script>document.title = "owned"</script>`;

describe.skipIf(chromium === undefined)("the servers at the console", { tags: ["console.servers"] }, () => {
  let product: Product;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    const servers = [
      { ...reveals, id: "reveals", mcp: { ...reveals.mcp, env: { REVEALED_TOKEN: token } } },
      { ...misbehaving("crashes", "at_start"), id: "crashes", title: markup },
      off,
      broken,
    ];
    const tokens = [
      { name: "scraper", sha256: createHash("sha256").update(scraper).digest("hex"), scopes: ["mcp:read", "mcp:admin"] },
    ];
    const secrets = { AUTH_TOKENS: JSON.stringify(tokens) };
    product = await startProduct({
      isClosed: true,
      secrets,
      registry: `{\n  // Ours.\n  "servers": ${JSON.stringify(servers)}\n}\n`,
    });
    ({ browser, page } = await openConsole(product, { javaScriptEnabled: false }));
  });

  afterAll(async () => {
    await browser?.close();
    await product?.[Symbol.asyncDispose]();
  });

  const file = () => join(product.folder, "registry.json");
  const registry = () => readFile(file(), "utf8");
  const main = () => page.locator("main").textContent();
  const row = (id: string) => page.locator("tr").filter({ has: page.locator("code", { hasText: new RegExp(`^${id}$`) }) });

  test("a row opens to its last start, the lines it printed, and its entry, without its secrets", async () => {
    await page.goto(product.url);
    await page.getByRole("link", { name: "Details of crashes" }).focus();
    await page.keyboard.press("Enter");
    await page.waitForURL("**/?open=crashes#server-crashes");
    expect(await page.locator(".details").textContent()).toMatch(/Last started \d{4}-.*no API key was given/s);
    expect(await page.locator(".details").textContent()).toContain("0 calls, 0 of them failed");
    await page.getByRole("link", { name: "Details of reveals" }).click();
    expect(await page.locator(".details").textContent()).toContain("${hidden:0}");
    expect(await page.content()).not.toContain(token);
    expect(await page.title()).toBe("Servers · MCP orchestrator");
    expect(await row("broken").textContent()).toContain("left out");
    expect(await row("broken").textContent()).toContain("summary");
  });

  test("a server is added, with the registry's sentences at its fields, and its secret becomes a variable", async () => {
    await page.goto(product.url);
    await page.getByRole("link", { name: "Add a server" }).click();
    await page.getByLabel("Name in code").fill("no spaces");
    await page.getByLabel("Title").fill(markup);
    await page.getByLabel("What it is for").fill("Notes.");
    await page.getByLabel("Command").fill(process.execPath);
    await page.getByLabel("Arguments").fill([...reveals.mcp.args, ""].join("\n"));
    await page.getByLabel("Variables").fill(`NOTES_TOKEN=${token}\nLEVEL=low`);
    await page.getByRole("button", { name: "Save" }).click();
    const problem = page.locator("#id-problem");
    expect(await problem.textContent()).toContain("1 to 64 letters");
    expect(await page.getByLabel("Name in code").getAttribute("aria-describedby")).toBe("id-problem");
    expect(await page.content()).not.toContain(token);
    await page.getByLabel("Name in code").fill("notes");
    await page.getByRole("button", { name: "Save" }).click();
    expect(await main()).toContain("NOTES_TOKEN=…");
    expect(await main()).toContain(join(product.folder, ".env"));
    const text = await registry();
    expect(text.startsWith("{\n  // Ours.\n")).toBe(true);
    expect(text).toContain('"NOTES_TOKEN": "${env:NOTES_TOKEN}"');
    expect(await page.locator("main script").count()).toBe(0);
    await page.goto(product.url);
    expect(await row("notes").count()).toBe(1);
  });

  test("a server is edited, switched off and on, and removed", async () => {
    await page.goto(product.url);
    await page.getByRole("link", { name: "Edit reveals" }).click();
    await page.getByLabel("Title").fill("Tells");
    await page.getByRole("button", { name: "Save" }).click();
    const text = await registry();
    expect(text).toContain('"title":"Tells"');
    expect(text).toContain(`"REVEALED_TOKEN":"${token}"`);
    expect(await page.content()).not.toContain(token);
    await page.goto(product.url);
    await page.getByRole("button", { name: "Switch on off" }).click();
    expect(await registry()).not.toContain("disabled");
    await page.goto(product.url);
    await page.getByRole("button", { name: "Switch off off" }).click();
    expect(await registry()).toContain('"disabled": true');
    await page.goto(product.url);
    await page.getByRole("link", { name: "Remove off" }).click();
    await page.getByRole("button", { name: "Remove it" }).click();
    expect(await registry()).not.toContain('"off"');
    expect(await main()).toContain("off was removed");
  });

  test("a change of somebody else is not lost: the form says what the file has now", async () => {
    await page.goto(product.url);
    await page.getByRole("link", { name: "Edit broken" }).click();
    await writeFile(file(), (await registry()).replace('"title":"Broken"', '"title":"Mended"'));
    await page.getByLabel("What it is for").fill("It is broken.");
    await page.getByRole("button", { name: "Save" }).click();
    expect(await page.getByRole("alert").textContent()).toContain("Nothing was changed");
    expect(await main()).toContain('"title": "Mended"');
    expect(await page.getByLabel("What it is for").inputValue()).toBe("It is broken.");
    await page.getByLabel("Title").fill("Mended");
    await page.getByRole("button", { name: "Save" }).click();
    expect(await registry()).toMatch(/"title":"Mended".*"summary": "It is broken\."/s);
  });

  test("a pasted configuration is shown as entries, and added", async () => {
    await page.goto(product.url);
    await page.getByRole("link", { name: "Import servers" }).click();
    const pasted = { mcpServers: { files: { command: "files-mcp", env: { FILES_API_KEY: token } }, odd: { type: "ws" } } };
    await page.getByLabel("The MCP configuration").fill(JSON.stringify(pasted));
    await page.getByRole("button", { name: "Show what it becomes" }).click();
    expect(await main()).toContain("1 new entry");
    expect(await main()).toContain("skipped: mcpServers.odd");
    expect(await page.content()).not.toContain(token);
    await page.getByRole("button", { name: "Add" }).click();
    expect(await main()).toContain("files was added");
    expect(await main()).toContain("FILES_API_KEY=…");
    expect(await registry()).toContain('"${env:FILES_API_KEY}"');
  });

  test("its pages have no serious findings of axe-core, light and dark", async () => {
    await using context = await browser.newContext();
    await context.addCookies(await page.context().cookies());
    const scripted = await context.newPage();
    for (const [path, colorScheme] of [
      ["/?open=reveals", "light"],
      ["/?open=crashes", "dark"],
      ["/console/servers/edit?at=2", "dark"],
      ["/console/servers/import", "light"],
    ] as const) {
      await scripted.emulateMedia({ colorScheme });
      await scripted.goto(product.url + path);
      expect(await seriousFindings(scripted)).toEqual([]);
    }
  });

  test("whoever is not the owner sees the registry, and writes no command into it", async () => {
    const before = await registry();
    await using context = await browser.newContext({ javaScriptEnabled: false });
    const other = await context.newPage();
    await other.goto(`${product.url}/login?token=${encodeURIComponent(scraper)}`);
    await other.getByText("Only the owner may change the registry").waitFor();
    expect(await other.getByRole("link", { name: /Add a server|Import servers|Edit|Remove/ }).count()).toBe(0);
    await other.goto(`${product.url}/console/servers/new`);
    await other.getByLabel("Name in code").fill("theirs");
    await other.getByLabel("Command").fill(`theirs --token=${token}`);
    await other.getByRole("button", { name: "Save" }).click();
    expect(await other.locator(".problem").textContent()).toContain("Only the owner");
    expect(await other.content()).not.toContain(token);
    expect(await registry()).toBe(before);
  });

  test("nothing is changed without the cookie, from another origin, or without the page's token", async () => {
    const before = await registry();
    const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
    const body = new URLSearchParams({ as: "json", json: "{}", text: "{}", at: "0", was: "{}", on: "no" });
    for (const path of ["save", "switch", "remove", "import"]) {
      const post = (headers: Record<string, string>) =>
        fetch(`${product.url}/console/servers/${path}`, { method: "POST", body, headers });
      expect((await post({ Origin: product.url })).status).toBe(401);
      expect((await post({ Origin: "http://localhost:3000", Cookie: cookie })).status).toBe(403);
      expect((await post({ Origin: product.url, Cookie: cookie })).status).toBe(403);
    }
    expect(await registry()).toBe(before);
  });
});
