import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { findFreePort } from "../../bridge/local/free-port.ts";
import { contextWithoutScripts, openConsole, seriousFindings, writeProgram } from "../support/browser.ts";
import { chromium } from "../support/chromium.ts";
import { connectModern } from "../support/mcp-clients.ts";
import { type OauthServer, startOauthServer } from "../support/oauth-server.ts";
import { type Product, startProduct } from "../support/product.ts";
import { misbehaving } from "../support/stdio-entries.ts";

/* What a person does at the console, in Chromium: tries a tool, writes and keeps a program, decides, logs in. */

const secret = "hush-4f2a9c17";

describe.skipIf(chromium === undefined)("a person at the console", () => {
  let oauth: OauthServer;
  let product: Product;
  let browser: Browser;
  let page: Page;
  let errors: string[];

  beforeAll(async () => {
    oauth = await startOauthServer();
    const forms = misbehaving("forms");
    const registry = {
      servers: [
        { ...misbehaving("asks", "stdio"), id: "tables" },
        { ...forms, id: "forms", mcp: { ...forms.mcp, env: { TOKEN: "${env:FORMS_TOKEN}" } }, tools: { ask: ["pay"] } },
        { id: "notes", title: "Notes", summary: "Notes of a team.", mcp: { transport: "http", url: oauth.url }, auth: "oauth" },
      ],
    };
    product = await startProduct({ isClosed: true, port: await findFreePort(), registry, env: { FORMS_TOKEN: secret } });
    ({ browser, page, errors } = await openConsole(product));
  });

  beforeEach(() => {
    errors.length = 0;
  });

  afterAll(async () => {
    await browser?.close();
    await product?.[Symbol.asyncDispose]();
    await oauth?.[Symbol.asyncDispose]();
  });

  test("tries a tool with the form that its schema makes, also without a script", { tags: ["console.try"] }, async () => {
    await page.goto(`${product.url}/console/tools?server=forms&tool=order`);
    expect(await seriousFindings(page)).toEqual([]);
    expect(errors).toEqual([]);
    await using context = await contextWithoutScripts(browser, page);
    const plain = await context.newPage();
    await plain.goto(`${product.url}/console/tools?server=forms`);
    await plain.getByRole("link", { name: "Try order" }).click();
    await plain.getByText("may delete or overwrite").waitFor();
    await plain.getByLabel("item required").fill("a pen\nand a cap");
    await plain.getByLabel("count").fill("2");
    await plain.getByLabel("isFast").selectOption("no");
    await plain.getByLabel("size").selectOption("large");
    await plain.getByLabel("tags").fill("blue\nred");
    await plain.getByLabel("address").fill("{");
    await plain.getByRole("button", { name: "Call it" }).click();
    expect(await plain.getByRole("alert").textContent()).toBe("This is no JSON.");
    expect(await plain.getByLabel("address").getAttribute("aria-invalid")).toBe("true");
    await plain.getByLabel("address").fill('{ "city": "Ulm" }');
    await plain.getByRole("button", { name: "Call it" }).click();
    const answer = JSON.parse((await plain.locator("#answer code").textContent()) ?? "");
    const args = {
      item: "a pen\nand a cap",
      count: 2,
      isFast: false,
      size: "large",
      tags: ["blue", "red"],
      address: { city: "Ulm" },
    };
    expect(answer).toMatchObject({ ok: true, result: { did: "order", args } });
    await plain.getByRole("button", { name: "Open in the playground" }).click();
    expect(await plain.locator("textarea").inputValue()).toContain('server.order({\n  "item": "a pen\\nand a cap",');
  });

  test("writes a program of two files, which says where it is wrong", { tags: ["console.programs"] }, async () => {
    await page.goto(`${product.url}/console/play`);
    await write('import { double } from "./double.ts";\n/** Doubles. */\nexport default ({ n }: { n: number }) => double(n);');
    await page.getByRole("button", { name: "Add a file" }).click();
    await page.getByLabel("Path").last().fill("double.ts");
    await write('import { forms } from "mcp-clients";\nexport const double = (n: number) => forms.oder({ n });');
    await page.locator(".cm-lintRange-error").waitFor();
    expect(await page.getByRole("button", { name: "double.ts ✕ 1" }).getAttribute("aria-pressed")).toBe("true");
    await write("export const double = (n: number): number => n * 2;");
    await page.getByRole("button", { name: "main.ts" }).click();
    await page.getByLabel("Arguments").fill('{ "n": 21 }');
    await page.getByRole("button", { name: "Run" }).click();
    await page.getByText('"result": 42').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    expect(errors).toEqual([]);
  });

  test("keeps it as a tool, calls, changes, exports and deletes it", { tags: ["console.programs"] }, async () => {
    await page.getByText("Keep it as a tool").click();
    await page.getByLabel("Name").fill("doubled");
    await page.getByRole("button", { name: "Keep", exact: true }).click();
    await page.getByText("doubled is kept, at revision 1.").waitFor();
    await page.getByRole("button", { name: "double.ts" }).click();
    await write("export const double = (n: number): number => n + n;");
    await page.getByRole("button", { name: "Keep as the revision after 1" }).click();
    await page.getByText("doubled is kept, at revision 2.").waitFor();
    await page.goto(`${product.url}/console/kept`);
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole("link", { name: "doubled" }).click();
    expect(await seriousFindings(page)).toEqual([]);
    expect(await page.locator("main").textContent()).toContain("n + n");
    await page.getByRole("link", { name: "Try it" }).click();
    await page.getByLabel("n required").fill("4");
    await page.getByRole("button", { name: "Call it" }).click();
    await page.getByText('"result": 8').waitFor();
    await page.goBack();
    await page.goBack();
    await page.getByRole("link", { name: "1", exact: true }).click();
    await page.getByRole("button", { name: "Go back to revision 1" }).click();
    expect(await page.locator("main").textContent()).toContain("n * 2");
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Export" }).click();
    expect((await download).suggestedFilename()).toBe("doubled.json");
    await page.getByRole("button", { name: "Disable" }).click();
    await page.getByText("– disabled").waitFor();
    await page.getByRole("button", { name: "Delete with its history" }).click();
    await page.waitForURL("**/console/kept");
    expect(await page.getByRole("link", { name: "doubled" }).count()).toBe(0);
  });

  test("decides about a call that waits, and sees what came of it", { tags: ["console.approvals"] }, async () => {
    await page.goto(`${product.url}/console/tools?server=forms&tool=pay`);
    await page.getByLabel("item required").fill("<b>rent</b>");
    await page.getByRole("button", { name: "Call it" }).click();
    await page.getByText("approval_required", { exact: true }).waitFor();
    const desk = await page.context().newPage();
    await desk.goto(product.url);
    await desk.getByRole("link", { name: "Approvals (1)" }).click();
    expect(await desk.locator("main").textContent()).toContain("<b>rent</b>");
    expect(await desk.locator("main").textContent()).toContain("its entry asks about pay");
    expect(await seriousFindings(desk)).toEqual([]);
    await desk.getByRole("button", { name: "Allow this call" }).focus();
    await desk.keyboard.press("Enter");
    await desk.getByText("Nothing waits for you.").waitFor();
    expect(await desk.getByRole("status").textContent()).toContain("Allowed");
    await desk.close();
    await page.getByRole("button", { name: "Decided: go on" }).click();
    await page.getByText('"did": "pay"').waitFor();
  });

  test("answers what a server asks during a program, in a form for every kind of field", {
    tags: ["console.asked"],
  }, async () => {
    await page.goto(`${product.url}/console/play`);
    await write('import { tables } from "mcp-clients";\nconsole.log("before"); return await tables.survey({});');
    await page.getByRole("button", { name: "Run" }).click();
    const question = page.getByRole("group", { name: "tables asks you" });
    await question.waitFor();
    expect(await question.locator(".described").textContent()).toBe(
      `Fill this in.\n<img src=x onerror="document.title='owned'"> esrever`,
    );
    expect(await seriousFindings(page)).toEqual([]);
    expect(await question.getByLabel("size").locator("option").allTextContents()).toEqual(["—", "Small", "egraL <b>"]);
    const name = question.getByLabel("<script>document.title='owned'</script>");
    await question.getByRole("button", { name: "Answer" }).click();
    await question.getByRole("alert").first().waitFor();
    expect(await question.getByRole("alert").allTextContents()).toEqual(["This must be given.", "This must be given."]);
    await name.fill("Ada");
    await question.getByLabel("day").fill("2026-12-24");
    await question.getByLabel("Room").selectOption("Garden");
    await question.getByRole("checkbox", { name: "<img src=x>" }).check();
    await question.getByRole("button", { name: "Answer" }).click();
    await page.getByText('"ok": true').waitFor();
    const { result } = JSON.parse((await page.locator("#answer code").textContent()) ?? "");
    const filled = { name: "Ada", day: "2026-12-24", mail: "ada@example.com", guests: 2, isOutside: true, size: "s" };
    const content = { ...filled, room: "b", dishes: ["soup", "<img src=x>"] };
    expect(result).toEqual({ action: "accept", content });
    expect(await page.locator("#log").textContent()).toContain("before");
    expect(await page.title()).toBe("Playground · MCP orchestrator");
    expect(await page.locator("main img, main script").count()).toBe(0);
    expect(errors).toEqual([]);
  });

  test("answers two questions at once without a script, each once", { tags: ["console.asked"] }, async () => {
    await page.goto(`${product.url}/console/play`);
    await write(
      'import { tables } from "mcp-clients";\nreturn await Promise.all([1, 2].map((at) => tables.book({ table: String(at) })));',
    );
    await page.getByRole("button", { name: "Run" }).click();
    await page.getByRole("group").first().waitFor();
    await using context = await contextWithoutScripts(browser, page);
    const plain = await context.newPage();
    await expect.poll(() => runsUnderWay(plain)).toBe(1);
    await plain.getByRole("link", { name: "since" }).click();
    const questions = plain.getByRole("group");
    await expect.poll(() => plain.reload().then(() => questions.count())).toBe(2);
    const old = await context.newPage();
    await old.goto(plain.url());
    const [first, second] = ["table 1", "table 2"].map((text) => questions.filter({ hasText: text }));
    await second?.getByLabel("name").fill("Bob");
    await first?.getByLabel("name").fill("Ada");
    await first?.getByLabel("guests").fill("3");
    await second?.getByLabel("guests").fill("0");
    await second?.getByLabel("guests").press("Enter");
    await plain.waitForURL("**/console/answer");
    expect(await questions.count()).toBe(2);
    await second?.getByRole("button", { name: "Answer" }).click();
    expect(await second?.getByRole("alert").textContent()).toBe("This must be at least 1.");
    await first?.getByRole("button", { name: "Answer" }).click();
    expect(await questions.count()).toBe(1);
    expect(await second?.getByLabel("name").inputValue()).toBe("Bob");
    await second?.getByRole("button", { name: "Decline" }).click();
    const { result } = JSON.parse((await plain.locator("main code").textContent()) ?? "");
    expect(result).toEqual(["table 1: Ada, 3", "table 2: decline"]);
    await old.getByRole("button", { name: "Answer" }).first().click();
    expect(await old.getByRole("alert").textContent()).toContain("Your answer was not sent");
  });

  test("sees to which host a tried tool sends them", { tags: ["console.asked"] }, async () => {
    await page.goto(`${product.url}/console/tools?server=tables&tool=sign_in`);
    await page.getByRole("button", { name: "Call it" }).click();
    expect(await page.locator(".host").textContent()).toBe("tables.example");
    expect(await page.getByRole("link", { name: "https://tables.example/login" }).getAttribute("rel")).toBe(
      "noopener noreferrer",
    );
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole("button", { name: "Done, go on" }).click();
    await page.getByText('"result": "signed in: accept"').waitFor();
  });

  test("answers from another page, where the run is watched, and cancels one that asks", {
    tags: ["console.asked"],
  }, async () => {
    await page.goto(`${product.url}/console/play`);
    await write(
      'import { tables } from "mcp-clients";\nawait new Promise((done) => setTimeout(done, 1500)); return await tables.menu({});',
    );
    await page.getByRole("button", { name: "Run" }).click();
    const other = await page.context().newPage();
    await expect.poll(() => runsUnderWay(other), { timeout: 10_000 }).toBe(1);
    await other.getByRole("link", { name: "since" }).click();
    // It asks while the page watches.
    await other.getByLabel("dish").fill("soup");
    await other.getByRole("button", { name: "Answer" }).click();
    await other.getByLabel("drink").waitFor();
    await other.reload();
    expect(await other.getByLabel("drink").count()).toBe(1);
    await other.getByRole("button", { name: "Cancel the run" }).click();
    await other.getByText('"code": "cancelled"').waitFor();
    await page.getByLabel("dish").fill("soup");
    await page.getByRole("button", { name: "Answer" }).click();
    await page.getByText("Your answer was not sent").waitFor();
    await other.close();
    expect(errors).toEqual([]);
  });

  test("watches what an agent runs, and cancels it", { tags: ["console.live"] }, async () => {
    await using agent = await connectModern(`${product.url}/mcp`, {
      headers: { Authorization: `Bearer ${await product.authToken()}` },
    });
    const code = "for (let n = 0; ; n++) { console.log(`line <${n}>`); await new Promise((done) => setTimeout(done, 200)); }";
    const ended = agent.call("execute_mcp_code", { code, maxRuntimeMs: 60_000 });
    await expect.poll(() => runsUnderWay(page), { timeout: 30_000 }).toBe(1);
    await page.getByRole("link", { name: "since" }).click();
    await page.getByText("log: line <0>").waitFor();
    await page.getByText("log: line <3>").waitFor();
    expect(await page.locator("main").textContent()).toContain("console.log(`line <${n}>`)");
    expect(await seriousFindings(page)).toEqual([]);
    expect(errors).toEqual([]);
    await page.getByRole("button", { name: "Cancel this run" }).click();
    expect((await ended).structured).toMatchObject({ errors: [{ code: "cancelled" }] });
    await page.waitForURL(/\/console\/runs/);
    await page.reload();
    expect(await page.getByRole("link", { name: "since" }).count()).toBe(0);
  });

  test("logs in to a server with the button of the servers' page", { tags: ["console.login"] }, async () => {
    await page.goto(product.url);
    await page.getByRole("link", { name: "Log in" }).click();
    await page.getByText("You are logged in to Notes").waitFor();
    await page.goto(`${product.url}/console/tools?server=notes`);
    await page.getByRole("link", { name: "Try whoami" }).waitFor();
    await page.goto(product.url);
    expect(await page.getByRole("link", { name: "Log in" }).count()).toBe(0);
  });

  test("never sees the value of a secret", { tags: ["console.secrets"] }, async () => {
    const token = await product.authToken();
    await page.goto(`${product.url}/console/runs`);
    const run = (await page.locator("tbody a").first().getAttribute("href")) ?? "";
    const paths = ["/", "/console/tools?server=forms&tool=order", "/console/play", "/console/runs", run, "/console/kept"];
    for (const path of [...paths, "/console/numbers", "/console/approvals"]) {
      await page.goto(product.url + path);
      const text = await page.content();
      for (const hidden of [secret, token, ...(await oauth.happened()).secrets]) expect(text).not.toContain(hidden);
    }
  });

  async function runsUnderWay(page: Page): Promise<number> {
    await page.goto(`${product.url}/console/runs`);
    return page.getByRole("link", { name: "since" }).count();
  }

  const write = (program: string) => writeProgram(page, program);
});
