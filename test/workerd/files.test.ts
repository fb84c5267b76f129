import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import { fileLimits } from "../../core/files/file-limits.ts";
import { sessionWorkspace } from "../../core/files/workspaces.ts";
import { policyLimits } from "../../core/policy/policy-limits.ts";
import { createSqliteFiles } from "../../worker/storage/sqlite-files.ts";
import { run } from "./run.ts";

/** Runs statements that end with `return …`, in one session. */
function sessionOf(principal = "owner") {
  const session = crypto.randomUUID();
  const object = env.SESSIONS.getByName(`${principal}/${session}`);
  const tell = (code: string, args?: unknown) =>
    run({ code: `import { files, results, session, args } from "runtime";\n${code}`, args }, { principal, session });
  const resultOf = async (code: string, args?: unknown) => {
    const outcome = await tell(code, args);
    expect(outcome).toMatchObject({ ok: true });
    return outcome.result;
  };
  return { object, tell, resultOf };
}

test("a value that nests too deep for a file is refused with what to do instead", async () => {
  const { resultOf } = sessionOf();
  const code = `
    let deep: unknown = 1;
    for (let level = 0; level < 300; level++) deep = [deep];
    const refused = await files.write("deep.json", deep).catch((error) => error.message);
    await files.write("deep.json", JSON.stringify(deep));
    return [refused, JSON.stringify(await files.read("deep.json", { as: "json" })).length];`;
  expect(await resultOf(code)).toEqual([expect.stringMatching(/at most 200 levels.*JSON\.stringify/), 601]);
});

test("a file is written, read in every form, added to, listed and deleted", { tags: ["runtime.files"] }, async () => {
  const { resultOf } = sessionOf();
  const written = await resultOf(`return await files.write("/notes/../notes/a.txt", "Grüße 🌍\\n");`);
  expect(written).toMatchObject({ type: "file", path: "notes/a.txt", bytes: 13 });
  expect(await resultOf(`return await files.append("notes/a.txt", new Uint8Array([104, 105]));`)).toMatchObject({ bytes: 15 });
  expect(
    await resultOf(`
      await files.write("data.json", { rows: [1, 2, { three: null }] });
      await files.write("empty", "");
      return [
        await files.read("notes/a.txt"),
        [...await files.read("./notes/a.txt", { as: "bytes" })].slice(-2),
        await files.read("data.json", { as: "json" }),
        await files.read("empty"),
        await files.read("notes/a.txt", { as: "base64" }),
      ];`),
  ).toEqual(["Grüße 🌍\nhi", [104, 105], { rows: [1, 2, { three: null }] }, "", "R3LDvMOfZSDwn4yNCmhp"]);
  expect(
    await resultOf(`
      const paths = async (folder?: string) => (await files.list(folder)).map(({ path }) => path);
      return [await paths(), await paths("notes"), await files.delete("notes"), await files.delete("notes"), await paths(), await files.stat("notes/a.txt") ?? null];`),
  ).toEqual([["data.json", "empty", "notes/a.txt"], ["notes/a.txt"], true, false, ["data.json", "empty"], null]);
});

test("what a tool returned as an image or resource is written as its bytes", { tags: ["runtime.files"] }, async () => {
  const { resultOf } = sessionOf();
  expect(
    await resultOf(`
      await files.write("a", { type: "image", mimeType: "image/png", data: "AQID" });
      await files.write("b", { type: "resource", resource: { uri: "x:y", blob: "BAU=" } });
      await files.write("c", { type: "resource", resource: { uri: "x:y", text: "six" } });
      await files.write("d", new Uint16Array([1]).buffer);
      await files.write("e", new DataView(new Uint8Array([9, 8, 7]).buffer, 1));
      const bytes = async (path: string) => [...await files.read(path, { as: "bytes" })];
      return [await bytes("a"), await bytes("b"), await files.read("c"), await bytes("d"), await bytes("e")];`),
  ).toEqual([[1, 2, 3], [4, 5], "six", [1, 0], [8, 7]]);
});

test("five megabytes are kept beyond the object's eviction, and come back as they were", {
  tags: ["runtime.files"],
}, async () => {
  const { object, resultOf } = sessionOf();
  const digest = `const digest = async (bytes: any) => [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))].join();`;
  const written = await resultOf(`
    ${digest}
    const bytes = new Uint8Array(5_000_001).map((_, index) => (index * index) % 251);
    const file = await files.write("big.bin", bytes);
    return { file, digest: await digest(bytes) };`);
  expect(written).toMatchObject({ file: { bytes: 5_000_001 } });
  await evictDurableObject(object);
  const read = await resultOf(`${digest} return await digest(await files.read("big.bin", { as: "bytes" }));`);
  expect(read).toBe((written as { digest: string }).digest);
});

test("many changes are made together or not at all", { tags: ["runtime.files"] }, async () => {
  const { tell, resultOf } = sessionOf();
  await resultOf(`await files.write("a", "1"); return 1;`);
  const refused = await tell(`
    await files.change([
      { kind: "write", path: "b", content: "2".repeat(300_000) },
      { kind: "delete", path: "a" },
      { kind: "write", path: "b/c", content: "3" },
    ]);`);
  expect(refused).toMatchObject({ ok: false, errors: [{ code: "invalid_arguments" }] });
  expect(await resultOf(`return [await files.read("a"), (await files.list()).length];`)).toEqual(["1", 1]);
});

test("a file at any depth below another is found with one query", { tags: ["runtime.files-bounds"] }, async () => {
  const { object, resultOf } = sessionOf();
  await resultOf(`await files.write("a/b", "1"); await files.write("ä", "2"); await files.write("z/z", "3"); return 1;`);
  await runInDurableObject(object, (_instance, { storage }) => {
    const exec = vi.fn(storage.sql.exec.bind(storage.sql));
    const store = createSqliteFiles({ sql: { exec }, transactionSync: (work: () => unknown) => work() } as never);
    exec.mockClear();
    const above = (path: string) => store.fileAbove({ workspace: sessionWorkspace, path });
    expect(above(`a/b/${"c/".repeat(190)}d`)).toBe("a/b");
    expect(exec).toHaveBeenCalledTimes(1);
    expect([above("ä/x"), above("z/z/z")]).toEqual(["ä", "z/z"]);
    expect(["a/b", "a/bc", "a/bc/d", "a", "ab/b", "äx/y", "z", "0", "c/a/b"].map(above)).toEqual(Array(9).fill(undefined));
    expect(store.fileAbove({ workspace: "another", path: "a/b/c" })).toBeUndefined();
  });
});

test.each([
  ["a path out of the workspace", `files.write("../x", "")`, "invalid_arguments", /leads out/],
  ["a path without a name", `files.write("/", "")`, "invalid_arguments", /needs a name/],
  ["a path that is no text", `files.read(7 as any)`, "invalid_arguments", /is a string/],
  ["a path with a control character", `files.write("a\\u0000b", "")`, "invalid_arguments", /control/],
  ["a path that is too long", `files.write("x/".repeat(300), "")`, "invalid_arguments", /400/],
  [
    "a file below a file",
    `(async () => { await files.write("f", ""); await files.write("f/g", ""); })()`,
    "invalid_arguments",
    /is a file/,
  ],
  [
    "a file in place of a folder",
    `(async () => { await files.write("d/e", ""); await files.write("d", ""); })()`,
    "invalid_arguments",
    /is a folder/,
  ],
  ["a file that is not there", `files.read("nothing")`, "invalid_arguments", /No file "nothing"/],
  ["a content that JSON cannot hold", `files.write("x", undefined)`, "uncaught_exception", /content of a file/],
  [
    "a file that is too long",
    `files.write("x", new Uint8Array(${fileLimits.fileBytesMax + 1}))`,
    "output_limit",
    /at most 16777216 bytes/,
  ],
  ["a time that is too long", "files.keep(1e12)", "invalid_arguments", /604800000/],
])("refuses %s", { tags: ["runtime.files-bounds"] }, async (_what, code, expected, message) => {
  const outcome = await sessionOf().tell(`await ${code};`);
  expect(outcome).toMatchObject({ ok: false, errors: [{ code: expected, message: expect.stringMatching(message) }] });
});

test("a file of the greatest length is taken, and a refused one leaves nothing behind", {
  tags: ["runtime.files-bounds"],
}, async () => {
  const { object, tell, resultOf } = sessionOf();
  const most = fileLimits.fileBytesMax;
  expect(await resultOf(`return (await files.write("x", new Uint8Array(${most}))).bytes;`)).toBe(most);
  expect(await tell(`await files.append("x", "1");`)).toMatchObject({ ok: false, errors: [{ code: "output_limit" }] });
  expect(await resultOf(`return (await files.stat("x")).bytes;`)).toBe(most);
  const rows = await runInDurableObject(object, (_instance, state) =>
    state.storage.sql
      .exec("SELECT count(*) AS files, (SELECT count(DISTINCT file) FROM file_pieces) AS withBytes FROM files")
      .one(),
  );
  expect(rows).toEqual({ files: 1, withBytes: 1 });
});

test("a workspace has a bounded number of files", { tags: ["runtime.files-bounds"] }, async () => {
  const { tell, resultOf } = sessionOf();
  const write = (from: number, count: number) =>
    `await files.change(Array.from({ length: ${count} }, (_, n) => ({ kind: "write" as const, path: "f" + (${from} + n), content: "" })));`;
  await resultOf(`${write(0, fileLimits.filesMax)} return 1;`);
  expect(await tell(write(fileLimits.filesMax, 1))).toMatchObject({ ok: false, errors: [{ code: "output_limit" }] });
  expect(await resultOf(`${write(0, 10)} return (await files.list()).length;`)).toBe(fileLimits.filesMax);
});

test("what the other sessions of a principal keep counts too, and a refused file leaves room for a smaller one", {
  tags: ["policy.holdings"],
}, async () => {
  const principal = crypto.randomUUID();
  const { tell, resultOf } = sessionOf(principal);
  const { fileBytesMax } = policyLimits;
  const account = env.ACCOUNTS.getByName(principal);
  const others = (fileBytes: number) => account.hold("another", { fileBytes, sandboxes: 0, until: Date.now() + 60_000 });
  await others(fileBytesMax - 400_000);
  for (const bytes of [400_001, 1_000_000]) {
    expect(await tell(`await files.write("x", new Uint8Array(${bytes}));`)).toMatchObject({
      ok: false,
      errors: [
        { code: "output_limit", rule: "fileBytes", limit: fileBytesMax, message: expect.stringMatching(/other sessions/) },
      ],
    });
  }
  expect(await resultOf(`return (await files.write("x", new Uint8Array(300_000))).bytes;`)).toBe(300_000);
  expect(await tell(`await files.append("x", new Uint8Array(200_000));`)).toMatchObject({ ok: false });
  await others(0);
  expect(await resultOf(`return (await files.append("x", new Uint8Array(200_000))).bytes;`)).toBe(500_000);
});

test("what a session deletes makes room in the others at once, also after its object was evicted", {
  tags: ["policy.holdings"],
}, async () => {
  const principal = crypto.randomUUID();
  const [one, other] = [sessionOf(principal), sessionOf(principal)];
  const account = env.ACCOUNTS.getByName(principal);
  const megabytes = (count: number) => `return (await files.write("x", new Uint8Array(${count * 1024 * 1024}))).bytes;`;
  const fileBytes = policyLimits.fileBytesMax - 8 * 1024 * 1024;
  await account.hold("third", { fileBytes, sandboxes: 0, until: Date.now() + 60_000 });
  await one.resultOf(megabytes(6));
  expect(await other.tell(megabytes(4))).toMatchObject({ ok: false, errors: [{ rule: "fileBytes" }] });
  await evictDurableObject(one.object);
  expect(await one.resultOf(`return await files.delete("x");`)).toBe(true);
  await expect.poll(() => other.tell(megabytes(4)), { timeout: 20_000 }).toMatchObject({ ok: true });
});

test("files go when nobody has used them for half an hour, by the alarm, unless they are kept longer", {
  tags: ["runtime.files-expire"],
}, async () => {
  const { object, resultOf } = sessionOf();
  const pass = (ms: number) =>
    runInDurableObject(object, (_instance, state) => {
      state.storage.sql.exec("UPDATE workspaces SET expires_at = expires_at - ?", ms);
    });
  const files = () =>
    runInDurableObject(object, (_instance, state) => state.storage.sql.exec("SELECT count(*) AS n FROM files").one().n);
  const alarm = () => runInDurableObject(object, (_instance, state) => state.storage.getAlarm());

  await resultOf(`await files.write("a", "1"); return 1;`);
  const before = await alarm();
  expect(before).toBeGreaterThan(Date.now() + fileLimits.idleMs / 2);
  await pass(fileLimits.idleMs / 2);
  expect(await resultOf(`return await files.read("a");`)).toBe("1");
  await pass(fileLimits.idleMs - 60_000);
  expect(await resultOf(`return await files.read("a");`)).toBe("1");
  await resultOf(`return await files.keep(2 * ${fileLimits.idleMs});`);
  await pass(fileLimits.idleMs + 1_000);
  expect(await resultOf(`return await files.read("a");`)).toBe("1");
  await pass(2 * fileLimits.idleMs + 60_000);
  expect(await resultOf("return await files.list();")).toEqual([]);
  await resultOf(`await files.write("b", "1"); return 1;`);
  await pass(fileLimits.idleMs + 60_000);
  expect(await files()).toBe(1);
  await runInDurableObject(object, (_instance, state) => {
    state.storage.kv.put("alarms", { files: Date.now() - 1 });
  });
  expect(await runDurableObjectAlarm(object)).toBe(true);
  expect(await files()).toBe(0);
});

test("two sessions do not see each other's files, and a returned file is only named", {
  tags: ["runtime.files"],
}, async () => {
  const { resultOf } = sessionOf();
  const answer = await resultOf(`return await files.write("secret.txt", "s".repeat(200_000));`);
  expect(answer).toMatchObject({ type: "file", path: "secret.txt", bytes: 200_000 });
  expect(JSON.stringify(answer).length).toBeLessThan(200);
  expect(await sessionOf().resultOf(`return await files.list();`)).toEqual([]);
});

test("what a run has not finished writing is gone with it", { tags: ["runtime.files-bounds"] }, async () => {
  const { object, tell } = sessionOf();
  await tell(`
    void files.write("x", new Uint8Array(3_000_000));
    await files.list();
    throw new Error("stop");`);
  const staged = await runInDurableObject(
    object,
    (_instance, state) => state.storage.sql.exec("SELECT count(*) AS n FROM files WHERE workspace IS NULL").one().n,
  );
  expect(staged).toBe(0);
});
