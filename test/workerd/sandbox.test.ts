import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { policyLimits } from "../../core/policy/policy-limits.ts";
import { run } from "./run.ts";

/** Runs statements that end with `return …`, in one session of the orchestrator. */
function sessionOf(principal: string = crypto.randomUUID()) {
  const session = crypto.randomUUID();
  const object = env.SESSIONS.getByName(`${principal}/${session}`);
  const tell = (code: string) =>
    run(
      { code: `import { files, session } from "runtime"; import { sandbox } from "mcp-clients";\n${code}`, maxRuntimeMs: 60_000 },
      { principal, session },
    );
  const resultOf = async (code: string) => {
    const outcome = await tell(code);
    expect(outcome, JSON.stringify(outcome.errors)).toMatchObject({ ok: true });
    return outcome.result;
  };
  const begin = async () => String(await resultOf("return (await sandbox.initialize({})).sessionId;"));
  const exec = (sessionId: string, commands: string | string[]) =>
    resultOf(`return await sandbox.exec(${JSON.stringify({ sessionId, commands })});`);
  return { object, tell, resultOf, begin, exec };
}

test("sort, uniq and awk count five megabytes that a program kept in files, and no byte of them is answered", {
  tags: ["sandbox.exec"],
}, async () => {
  const { resultOf } = sessionOf();
  const answer = await resultOf(`
    const lines = Array.from({ length: 180_000 }, (_, n) => "2026-11-" + String(1 + (n % 30)) + " GET /item/" + ((n * 7919) % 1000) + " " + (200 + (n % 4)));
    const log = await files.write("log.txt", lines.join("\\n") + "\\n");
    const { sessionId } = await sandbox.initialize({});
    const counted = await sandbox.exec({ sessionId, commands: "awk '{print $4}' /files/log.txt | sort | uniq -c | awk '{print $2, $1}'" });
    return { bytes: log.bytes, counted };`);
  expect(answer).toMatchObject({
    counted: { exitCode: 0, stdout: "200 45000\n201 45000\n202 45000\n203 45000\n", stderr: "" },
  });
  expect((answer as { bytes: number }).bytes).toBeGreaterThan(5_000_000);
  expect(JSON.stringify(answer).length).toBeLessThan(300);
});

test("what commands write stays, in the session's own folder and in the files of programs", {
  tags: ["sandbox.exec"],
}, async () => {
  const { resultOf, begin, exec } = sessionOf();
  const id = await begin();
  await resultOf(`await files.write("in/a.txt", "b\\na\\n"); await files.write("old", "x"); return 1;`);
  expect(
    await exec(id, [
      "mkdir -p out && cd out",
      "sort /files/in/a.txt > sorted.txt",
      "mv /files/old /files/new",
      "echo $((6 * 7)) > /tmp/gone",
      "gzip -c sorted.txt > s.gz; zcat s.gz",
    ]),
  ).toMatchObject({ exitCode: 0, stdout: "a\nb\n", changedFiles: 4 });
  expect(await exec(id, "pwd; ls; cat out/sorted.txt; ls /tmp; ls missing")).toMatchObject({
    exitCode: 2,
    stdout: "/workspace\nout\na\nb\n",
    stderr: expect.stringContaining("No such file"),
  });
  expect(await resultOf(`return (await files.list()).map(({ path }) => path);`)).toEqual(["in/a.txt", "new"]);
  expect(await exec(id, "ln -s out/sorted.txt link; rm -r /files/in; true")).toMatchObject({ exitCode: 0, changedFiles: 1 });
  expect(await resultOf(`return (await files.list()).map(({ path }) => path);`)).toEqual(["new"]);
});

test("a program of a session has its files and values, and gets all of a large result", {
  tags: ["sandbox.run-js"],
}, async () => {
  const { resultOf, begin, exec, tell } = sessionOf();
  const id = await begin();
  await exec(id, "seq 3 > numbers");
  const code = `import { files, session, args } from "runtime";
    console.log("counting");
    await session.set("seen", (await session.get("seen") ?? 0) + 1);
    const numbers = (await files.read("numbers")).trim().split("\\n").map(Number);
    await files.write("sum", String(numbers.reduce((a, b) => a + b)));
    return { seen: await session.get("seen"), args, long: "x".repeat(100_000), shared: (await files.list("/files/")).length };`;
  const call = `sandbox.run_js({ sessionId: ${JSON.stringify(id)}, code: ${JSON.stringify(code)}, args: { n: 1 } })`;
  expect(
    await resultOf(
      `await ${call}; const { result, logs } = await ${call}; return { ...result, long: result.long.length, logs };`,
    ),
  ).toEqual({ seen: 2, args: { n: 1 }, long: 100_000, shared: 0, logs: [{ level: "log", message: "counting" }] });
  expect(await exec(id, "cat sum")).toMatchObject({ stdout: "6" });
  expect(await resultOf("return [await session.list(), await files.list()];")).toEqual([[], []]);
  const wrong = await tell(`await sandbox.run_js({ sessionId: ${JSON.stringify(id)}, code: "const x = 1;\\nreturn x.y.z;" });`);
  expect(wrong).toMatchObject({
    ok: false,
    errors: [{ code: "uncaught_exception", server: "sandbox", tool: "run_js", message: expect.stringContaining("main.ts:2") }],
  });
});

test("commands and programs of one session run one after the other, so that none loses what another wrote", {
  tags: ["sandbox.exec"],
}, async () => {
  const { resultOf, begin, exec } = sessionOf();
  const id = await begin();
  const append = `import { files } from "runtime"; await files.append("log", "js\\n");`;
  await resultOf(`
    const shell = (commands) => sandbox.exec({ sessionId: "${id}", commands });
    await Promise.all([
      ...Array.from({ length: 4 }, (_, n) => shell("echo " + n + " >> log")),
      sandbox.run_js({ sessionId: "${id}", code: ${JSON.stringify(append)} }),
    ]);
    return 1;`);
  expect(await exec(id, "sort log")).toMatchObject({ stdout: "0\n1\n2\n3\njs\n" });
  const stopped = await resultOf(`
    const wait = () => sandbox.exec({ sessionId: "${id}", commands: "sleep 60" }).catch((error) => error.message);
    const both = [wait(), wait()];
    while ((await sandbox.session_list({})).sessions.length > 0) await sandbox.stop({ sessionId: "${id}" });
    return await Promise.all(both);`);
  expect(stopped).toEqual([expect.stringContaining("was stopped"), expect.stringContaining("was stopped")]);
});

test("what sessions and programs append to one file of /files at the same time is all there", {
  tags: ["sandbox.exec"],
}, async () => {
  const { resultOf, begin } = sessionOf();
  const [one, other] = [await begin(), await begin()];
  await resultOf(`await files.write("log", "first\\n");`);
  const lines = await resultOf(`
    const add = (sessionId) => sandbox.exec({ sessionId, commands: "echo shell >> /files/log; sleep 0.3" });
    const both = [add("${one}"), add("${other}")];
    await new Promise((resolve) => setTimeout(resolve, 150));
    await files.append("log", "program\\n");
    await Promise.all(both);
    return (await files.read("log")).trim().split("\\n").sort();`);
  expect(lines).toEqual(["first", "program", "shell", "shell"]);
});

test("a session reaches no server and no network", { tags: ["sandbox.separate"] }, async () => {
  const { resultOf, begin, exec } = sessionOf();
  const id = await begin();
  const js = (code: string) =>
    resultOf(
      `try { return await sandbox.run_js({ sessionId: ${JSON.stringify(id)}, code: ${JSON.stringify(code)} }); } catch (e: any) { return e.message; }`,
    );
  expect(await js(`import { sandbox } from "mcp-clients"; return await sandbox.session_list({});`)).toMatch(/sandbox/);
  expect(await js(`return await fetch("https://example.com").then(() => "out", (e) => "no: " + e.message);`)).toMatchObject({
    result: expect.stringMatching(/^no: /),
  });
  expect(
    await exec(id, "curl https://example.com; cat /etc/passwd ../../etc/passwd; echo x > ../../files/../../escape; ls /"),
  ).toMatchObject({
    stdout: expect.not.stringContaining("root:"),
    stderr: expect.stringContaining("curl: command not found"),
  });
});

test("another owner's session is nobody's, for every tool, and stays", { tags: ["sandbox.separate"] }, async () => {
  const mine = sessionOf();
  const other = sessionOf();
  const id = await mine.begin();
  for (const call of [
    `exec({ sessionId: "${id}", commands: "ls" })`,
    `run_js({ sessionId: "${id}", code: "return 1" })`,
    `stop({ sessionId: "${id}" })`,
    `stop({ sessionId: "session" })`,
    `exec({ sessionId: "session", commands: "ls" })`,
  ]) {
    expect(await other.tell(`await sandbox.${call};`)).toMatchObject({
      ok: false,
      errors: [{ code: "invalid_arguments", message: expect.stringContaining("No sandbox session") }],
    });
  }
  expect(await other.resultOf("return (await sandbox.session_list({})).sessions;")).toEqual([]);
  expect(await mine.resultOf("return (await sandbox.session_list({})).sessions;")).toMatchObject([{ sessionId: id, files: 0 }]);
});

test("a principal has a bounded number of sessions in all, and a stopped one leaves nothing and makes room", {
  tags: ["sandbox.bounds", "policy.holdings"],
}, async () => {
  const principal = crypto.randomUUID();
  const [one, other] = [sessionOf(principal), sessionOf(principal)];
  const id = await one.begin();
  await other.resultOf(`
    for (let n = 1; n < ${policyLimits.sandboxesMax}; n++) await sandbox.initialize({ ttlMs: 60_000 });
    return 1;`);
  await evictDurableObject(env.ACCOUNTS.getByName(principal));
  for (const session of [one, other]) {
    expect(await session.tell("await sandbox.initialize({});")).toMatchObject({
      ok: false,
      errors: [{ code: "too_many_calls", rule: "sandboxes", limit: 20, message: expect.stringMatching(/session_list/) }],
      calls: [{ server: "sandbox", tool: "initialize", outcome: "failed" }],
    });
  }
  await one.exec(id, "echo 1 > a");
  await one.resultOf(
    `await sandbox.run_js({ sessionId: "${id}", code: 'import { session } from "runtime"; await session.set("a", 1);' }); return await sandbox.stop({ sessionId: "${id}" });`,
  );
  const left = await runInDurableObject(one.object, (_instance, state) => [
    state.storage.sql.exec("SELECT count(*) AS n FROM files").one().n,
    state.storage.sql.exec("SELECT count(*) AS n FROM entries WHERE key LIKE 'sandbox/%'").one().n,
  ]);
  expect(left).toEqual([0, 0]);
  expect(await one.tell(`await sandbox.exec({ sessionId: "${id}", commands: "ls" });`)).toMatchObject({ ok: false });
  await other.resultOf("return await sandbox.initialize({});");
  expect(await one.tell("await sandbox.initialize({});")).toMatchObject({ ok: false });
  await other.object.delete({ what: "session_deleted" });
  await one.begin();
});

test("a session does not end while something runs in it, however soon it ends unused", { tags: ["sandbox.bounds"] }, async () => {
  const { resultOf } = sessionOf();
  const answer = await resultOf(`
    const { sessionId } = await sandbox.initialize({ ttlMs: 60_000 });
    const leftMs = async () => Date.parse((await sandbox.session_list({})).sessions[0]?.expiresAt ?? "") - Date.now();
    const running = sandbox.exec({ sessionId, commands: "echo 1 > a; sleep 2; echo 2 >> a; cat a" });
    await new Promise((resolve) => setTimeout(resolve, 500));
    const during = await leftMs();
    const { stdout } = await running;
    return { during, stdout, after: await leftMs() };`);
  expect(answer).toMatchObject({ stdout: "1\n2\n" });
  const { during, after } = answer as { during: number; after: number };
  expect(during).toBeGreaterThan(60_000);
  expect(after).toBeLessThanOrEqual(60_000);
});

test("stopping a session ends what runs in it", { tags: ["sandbox.bounds"] }, async () => {
  const { begin, tell, resultOf } = sessionOf();
  const id = await begin();
  const outcome = await tell(`
    const running = sandbox.exec({ sessionId: "${id}", commands: "echo 1 > a; sleep 50" }).then(() => "ran", (e) => e.code);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await sandbox.stop({ sessionId: "${id}" });
    return await running;`);
  expect(outcome).toMatchObject({ ok: true, result: "cancelled" });
  expect(await resultOf("return (await sandbox.session_list({})).sessions;")).toEqual([]);
});

test("hostile commands of every kind end, one after the other, and leave the sandbox alive", {
  tags: ["sandbox.commands-end"],
  timeout: 90_000,
}, async () => {
  const line = "a".repeat(40);
  const byItself: [commands: string, exitCode: number, output?: RegExp][] = [
    ["yes | head -n 3", 0],
    ["head -c 1000000000 /dev/zero > big", 0],
    ["printf '%1000000000s' x | wc -c", 126, /width limit exceeded/],
    ["x=a; while true; do x=$x$x; done", 126, /length limit exceeded/],
    ["eval \"$(printf '(%.0s' {1..20000})\"", 1],
    ["jq -n 'def f: f; f'", 5],
    [`echo ${line}b | sed -E 's/^(a+)+$/x/'`, 0],
    [`echo ${line}b | awk '/^(a+)+$/'`, 0],
    [`grep -P '^(a|a)*$' <<< ${line}b`, 1],
    [`[[ ${line}b =~ ^(a+)+$ ]]`, 1],
  ];
  const stopped: [commands: string, code: RegExp][] = [
    ["sleep 1000", /^run_timeout$/],
    ["seq 100000000 > big", /^(126|cpu_limit|run_timeout)$/],
    ["trap '' TERM; while :; do sleep 0.01; done", /^run_timeout$/],
    ["while :; do find / -exec true \\;; done", /^(cpu_limit|run_timeout)$/],
    ["jq -n '[range(1e9)] | length'", /^(cpu_limit|memory_limit|run_timeout)$/],
    ["for i in {1..1100}; do echo > f$i; done", /^(output_limit|cpu_limit|run_timeout)$/],
  ];
  const { tell } = sessionOf();
  const commands = [...byItself, ...stopped].map(([text]) => text);
  const outcome = await tell(`
    const { sessionId } = await sandbox.initialize({});
    const ended = [];
    for (const [index, commands] of ${JSON.stringify(commands)}.entries()) {
      const maxRuntimeMs = index < ${byItself.length} ? 20_000 : 1_000;
      ended.push(await sandbox.exec({ sessionId, commands, maxRuntimeMs }).then(
        ({ exitCode, stdout, stderr }) => [String(exitCode), (stdout + stderr).slice(0, 200)],
        (error) => [error.code, error.message],
      ));
    }
    return [...ended, (await sandbox.exec({ sessionId, commands: "echo lives" })).stdout];`);
  expect(outcome, JSON.stringify(outcome.errors)).toMatchObject({
    ok: true,
    result: [
      ...byItself.map(([, exitCode, output = /./s]) => [
        String(exitCode),
        exitCode === 126 ? expect.stringMatching(output) : expect.any(String),
      ]),
      ...stopped.map(([commands, code]) => [
        expect.stringMatching(code),
        commands.startsWith("sleep") ? expect.stringContaining("give this call a longer maxRuntimeMs") : expect.any(String),
      ]),
      "lives\n",
    ],
  });
});

test.each([
  ["a loop of the shell", "echo 1 > a; while true; do :; done"],
  ["a loop of awk", `echo 1 > a; awk 'BEGIN { while (1) x++ }'`],
])("%s is stopped for its computing time, and changes nothing", { tags: ["sandbox.commands-end"] }, async (_what, commands) => {
  const { begin, tell, exec } = sessionOf();
  const id = await begin();
  const call = `sandbox.exec({ sessionId: "${id}", commands: ${JSON.stringify(commands)}, maxRuntimeMs: 1_500 })`;
  const outcome = await tell(`return await ${call}.catch((e) => e.code);`);
  expect(outcome).toMatchObject({ ok: true, result: expect.stringMatching(/^(cpu_limit|run_timeout)$/) });
  expect(await exec(id, "ls; echo lives")).toMatchObject({ stdout: "lives\n" });
});

test.each([
  ["a bomb of forks", ":(){ :|:& };:", { exitCode: 126 }],
  ["endless recursion", "f() { f; }; f", { exitCode: 126 }],
  ["a text that doubles for ever", `awk 'BEGIN { s = "x"; while (1) s = s s }'`, { exitCode: 126 }],
  ["a regular expression that backtracks", `printf '%s!' $(printf 'a%.0s' {1..60}) | grep -E '^(a+)+$'`, { exitCode: 1 }],
  ["commands that do not parse", "if then ((", { exitCode: 2 }],
  ["an output without end", "for i in {1..20}; do printf '%100000s' x; done", { truncated: true }],
])("%s ends by itself", { tags: ["sandbox.commands-end"] }, async (_what, commands, expected) => {
  const { begin, exec } = sessionOf();
  const id = await begin();
  expect(await exec(id, commands)).toMatchObject(expected);
  expect(await exec(id, "echo lives")).toMatchObject({ stdout: "lives\n" });
});
