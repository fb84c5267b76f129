import { describe, expect, test } from "vitest";
import { type AppliedChange, applyChange, viewRegistry } from "../../../core/registry/apply-change.ts";
import { parseRegistry } from "../../../core/registry/registry.ts";
import type { RegistryChange } from "../../../core/registry/registry-change.ts";

const time = { id: "time", title: "Time", summary: "What time it is.", mcp: { transport: "stdio", command: "time-mcp" } };
const notes = { id: "notes", title: "Notes", summary: "Notes.", mcp: { transport: "http", url: "https://notes.example/mcp" } };

/** As a person keeps it, with remarks. */
const file = `{
    // Ours.
    "servers": [
        { "id": "time", "title": "Time", "summary": "What time it is.", "mcp": { "transport": "stdio", "command": "time-mcp", "args": ["-v", "x"] } }, // the first
        // For work.
        {
            "id": "hub", "title": "Hub", "summary": "Issues.",
            "mcp": { "transport": "stdio", "command": "hub", "env": { "HUB_TOKEN": "ghp_abcdefghijklmnop0123456789" } }
        }
    ]
}
`;

const apply = (text: string, change: RegistryChange, refuse: (entry: { id: string }) => string | undefined = () => undefined) =>
  applyChange(text, change, refuse);
const seen = (text: string, at: number) => {
  const entry = viewRegistry(text).entries[at]?.entry;
  return { at, was: JSON.stringify(entry), entry: entry as Record<string, unknown> };
};
const textOf = (applied: AppliedChange) => (applied.kind === "changed" ? applied.text : `not changed: ${applied.kind}`);

describe("a change of the registry", { tags: ["console.servers"] }, () => {
  test("keeps every other character of the file, comments too", () => {
    const { was, at, entry } = seen(file, 0);
    const mcp = { transport: "stdio", command: "time-mcp", args: ["-v", "y", "z"] };
    expect(textOf(apply(file, { kind: "edit", at, was, entry: { ...entry, title: "Clock", mcp } }))).toBe(
      file.replace('"title": "Time"', '"title": "Clock"').replace('["-v", "x"]', '["-v", "y", "z"]'),
    );
    expect(textOf(apply(file, { kind: "switch", at, was, isOn: false }))).toContain(
      `"args": ["-v", "x"] },\n        "disabled": true }, // the first`,
    );
    const withoutTime = textOf(apply(file, { kind: "remove", at, was }));
    expect(withoutTime).toBe(file.replace(/ {8}\{ "id": "time".*\n {8}\/\/ For work/, "        // For work"));
    const withNotes = textOf(apply(file, { kind: "add", entries: [notes] }));
    expect(withNotes.startsWith(file.slice(0, file.indexOf("\n    ]")))).toBe(true);
    expect(parseRegistry(withNotes).servers.map(({ id }) => id)).toEqual(["time", "hub", "notes"]);
  });

  test("keeps the rules for single principals as they are, which name tokens and are no secrets", {
    tags: ["approvals.principal"],
  }, () => {
    const tools = { ask: ["a"], principals: { "token:nightly": { alwaysAllow: ["a", "drop_0123456789abcdef0123456789"] } } };
    const ruled = JSON.stringify({ servers: [{ ...time, tools }] });
    const { was, at, entry } = seen(ruled, 0);
    expect(entry).toEqual({ ...time, tools });
    const renamed = textOf(apply(ruled, { kind: "edit", at, was, entry: { ...entry, title: "Clock" } }));
    expect(JSON.parse(renamed)).toEqual({ servers: [{ ...time, title: "Clock", tools }] });
    const imported = textOf(apply(`{ "servers": [] }`, { kind: "add", entries: [{ ...time, tools }] }));
    expect(parseRegistry(imported).servers[0]?.tools).toEqual(tools);
  });

  test.each([
    ["the last entry", `{"servers":[{"id":"a"},{"id":"b"}]}`, 1, `{"servers":[{"id":"a"}]}`],
    ["the only entry", `{\n  "servers": [\n    {"id":"a"}\n  ]\n}`, 0, `{\n  "servers": []\n}`],
    ["an entry behind a comment", `{"servers":[{"id":"a"} /* one */, {"id":"b"}]}`, 0, `{"servers":[{"id":"b"}]}`],
    [
      "an entry of a file with a byte order mark",
      `\ufeff{"servers":[{"id":"a"},{"id":"b"}]}`,
      0,
      `\ufeff{"servers":[{"id":"b"}]}`,
    ],
    [
      "an entry on Windows",
      `{\r\n "servers": [\r\n  {"id":"a"},\r\n  {"id":"b"}\r\n ]\r\n}`,
      0,
      `{\r\n "servers": [\r\n  {"id":"b"}\r\n ]\r\n}`,
    ],
  ])("removes %s", (_what, text, at, after) => {
    expect(textOf(apply(text, { kind: "remove", ...seen(text, at) }))).toBe(after);
  });

  test("is undone by its opposite", () => {
    const off = textOf(apply(file, { kind: "switch", ...seen(file, 1), isOn: false }));
    expect(viewRegistry(off).entries.map(({ isOn }) => isOn)).toEqual([true, false]);
    expect(textOf(apply(off, { kind: "switch", ...seen(off, 1), isOn: true }))).toBe(file);
  });

  test("names the field of what the registry refuses, and changes nothing", () => {
    const entries = [{ ...notes, id: "a b", mcp: { transport: "stdio", args: [1] } }];
    const refused = apply(file, { kind: "add", entries });
    expect(refused).toMatchObject({
      kind: "invalid",
      problems: [
        { path: "id", message: expect.stringContaining("1 to 64 letters") },
        { path: "mcp.command", message: "is missing; write a string" },
        { path: "mcp.args[0]" },
      ],
    });
    expect(apply(file, { kind: "add", entries: [{ ...notes, mcp: undefined }] })).toMatchObject({
      problems: [{ path: "mcp", message: "is missing; write an object" }],
    });
    expect(apply(file, { kind: "add", entries: [{ ...notes, id: "TIME" }] })).toMatchObject({ kind: "changed" });
    expect(apply(file, { kind: "add", entries: [time] })).toMatchObject({
      problems: [{ path: "id", message: expect.stringContaining('same name in code as "time"') }],
    });
    expect(apply(file, { kind: "add", entries: [notes, notes] })).toMatchObject({ problems: [{ path: "id" }] });
    expect(apply(file, { kind: "add", entries: [notes] }, ({ id }) => `${id} is this orchestrator`)).toMatchObject({
      problems: [{ path: "mcp", message: "notes is this orchestrator" }],
    });
    expect(apply(file, { kind: "add", entries: ["text"] })).toMatchObject({ kind: "invalid" });
  });

  test("finds its entry at another place, and stops where it is another one now", () => {
    const hub = seen(file, 1);
    const moved = textOf(apply(file, { kind: "remove", ...seen(file, 0) }));
    expect(
      parseRegistry(textOf(apply(moved, { kind: "edit", ...hub, entry: { ...hub.entry, title: "H" } }))).servers,
    ).toMatchObject([{ id: "hub", title: "H" }]);
    const edited = file.replace("Issues.", "Issues of the team.");
    const conflict = apply(edited, { kind: "edit", ...hub, entry: { ...hub.entry, title: "H" } });
    expect(conflict).toMatchObject({ kind: "conflict", current: { at: 1, entry: { summary: "Issues of the team." } } });
    // A mark must not stand for a secret that the person has not seen.
    expect(JSON.stringify(conflict.entries)).toContain('"HUB_TOKEN":"${hidden:lost}"');
    expect(apply(edited, { kind: "edit", ...seen(edited, 1), entry: conflict.entries[0] })).toMatchObject({ kind: "invalid" });
    expect(apply(`{"servers":[]}`, { kind: "remove", ...hub })).toMatchObject({ kind: "conflict", current: undefined });
  });

  test.each(["", "{", `{"servers":{}}`, `{"mcpServers":{}}`, `{"servers":[],}`, `{"servers":[],"other":1}`])(
    "of the file %j is refused with what to correct first",
    (text) => {
      expect(() => apply(text, { kind: "add", entries: [notes] })).toThrow(/First correct/);
      expect(viewRegistry(text).entries).toEqual([]);
    },
  );
});

describe("a secret in an entry", { tags: ["console.servers"] }, () => {
  const secret = "ghp_abcdefghijklmnop0123456789";

  test("of the file is never shown, and stays as it is when another field changes", () => {
    const view = viewRegistry(file);
    expect(JSON.stringify(view)).not.toContain(secret);
    const hub = seen(file, 1);
    const edited = apply(file, { kind: "edit", ...hub, entry: { ...hub.entry, summary: "All issues." } });
    expect(textOf(edited)).toBe(file.replace("Issues.", "All issues."));
    expect(JSON.stringify(edited.entries)).not.toContain(secret);
  });

  test("that is typed or pasted becomes a reference, wherever it stands and even if the entry is refused", () => {
    const mcp = {
      transport: "http",
      url: `https://notes.example/mcp?api_key=${secret}`,
      headers: { Authorization: `Bearer ${secret}x`, "X-Team": "blue" },
    };
    const added = apply(file, { kind: "add", entries: [{ ...notes, mcp }] });
    expect(added).toMatchObject({
      kind: "changed",
      entries: [{ mcp: { headers: { Authorization: "Bearer ${env:NOTES_TOKEN}", "X-Team": "blue" } } }],
      variables: [
        { name: "NOTES_API_KEY", side: "worker" },
        { name: "NOTES_TOKEN", side: "worker" },
      ],
    });
    expect(textOf(added).split(secret)).toHaveLength(2);
    const wrong = { id: "x y", command: "npx", args: ["--token", secret], env: { A_TOKEN: secret } };
    const mixed = {
      args: ["--token", secret, 5],
      env: { A_TOKEN: secret, PORT: 80 },
      headers: { "X-Key": secret, list: [secret] },
    };
    for (const entry of [
      wrong,
      { ...wrong, ...mixed },
      { ...notes, mcp: { ...notes.mcp, ...mixed, oauth: { clientSecret: secret, port: 1 } } },
    ]) {
      const refused = apply(file, { kind: "add", entries: [entry] });
      expect(refused.kind).toBe("invalid");
      expect(JSON.stringify(refused)).not.toContain(secret);
    }
  });

  test("gets a variable that no other server uses", () => {
    const used = file.replace(secret, "${env:NOTES_TOKEN}");
    const entry = { ...notes, mcp: { ...notes.mcp, headers: { Authorization: `Bearer ${secret}` } } };
    expect(apply(used, { kind: "add", entries: [entry] }).variables).toEqual([{ name: "NOTES_TOKEN_2", side: "worker" }]);
  });
});
