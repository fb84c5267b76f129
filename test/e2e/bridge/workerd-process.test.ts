import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findFreePort } from "../../../bridge/local/free-port.ts";
import { serveControl } from "../../../bridge/sandbox/control-server.ts";
import { type Ending, WorkerdProcess } from "../../../bridge/sandbox/workerd-process.ts";

/* A real workerd process, ended for each of the reasons that are watched. */

const script = `
  const kept = [];
  export default {
    fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/spin") for (;;);
      if (pathname === "/eat") for (;;) kept.push(new Uint8Array(1e7).fill(1));
      return new Response("ok");
    },
  };`;

describe("a watched workerd process", () => {
  const endings: Ending[] = [];
  const workerd = new WorkerdProcess({
    name: "watched",
    worker: { modules: true, script, compatibilityDate: "2026-11-01" },
    memoryMiB: 400,
    frozenMs: 60_000,
    onEnding: (ending) => endings.push(ending),
  });
  let control: { url: string } & AsyncDisposable;

  beforeAll(async () => {
    await workerd.start();
    const port = await findFreePort();
    const server = await serveControl({ port, token: "token", processes: new Map([["one", workerd]]) });
    control = {
      url: `http://127.0.0.1:${port}`,
      [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
    };
  });

  afterAll(async () => {
    await control?.[Symbol.asyncDispose]();
    await workerd.stop();
  });

  /** Gets no answer, because the process ends first. */
  const ask = async (path: string) => fetch(new URL(path, await workerd.address())).catch(() => undefined);
  const post = (path: string) => fetch(`${control.url}${path}`, { method: "POST" });
  const isWell = async () => (await fetch(await workerd.address())).ok;

  test("is replaced when it is frozen, and the reason is reported", { tags: ["start.sandbox"] }, async () => {
    const since = Date.now();
    void ask("/spin");
    expect((await post(`/token/one/replace?since=${since}`)).status).toBe(200);

    expect(endings.map(({ reason }) => reason)).toEqual(["cpu"]);
    expect(await isWell()).toBe(true);
    const ending = await fetch(`${control.url}/token/one/ending?since=${since}`);
    expect(await ending.json()).toEqual({ reason: "cpu" });
  });

  test("is not replaced because its predecessor was frozen", async () => {
    expect((await post(`/token/one/replace?since=${Date.now() - 60_000}`)).status).toBe(200);
    expect(endings).toHaveLength(1);
  });

  test("is replaced when it exceeds its memory limit", { tags: ["sandbox.memory"] }, async () => {
    const since = Date.now();
    await ask("/eat");
    expect(await workerd.endingAfter(since, 10_000)).toMatchObject({ reason: "memory" });
    expect(await isWell()).toBe(true);
  });

  test("is replaced when the Worker renews it", { tags: ["sandbox.memory"] }, async () => {
    expect((await post("/token/one/renew")).status).toBe(200);
    expect(endings.at(-1)).toMatchObject({ reason: "renewed" });
    expect(await isWell()).toBe(true);
  });

  test("that has not ended since gives 204 after a short wait", async () => {
    expect((await fetch(`${control.url}/token/one/ending?since=${Date.now() + 60_000}`)).status).toBe(204);
  });

  test.each([
    "/one/replace?since=0",
    "/wrong/one/replace?since=0",
    "/token/two/replace?since=0",
    "/token/one/replace",
    "/token/one/exec",
  ])("is not reachable without token, process name and time: %s", async (path) => {
    const before = endings.length;
    expect((await post(path)).status).toBe(404);
    expect(endings).toHaveLength(before);
  });

  test("has a host that answers /livez without a token", async () => {
    expect((await fetch(`${control.url}/livez`)).status).toBe(200);
  });
});
