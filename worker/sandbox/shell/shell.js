/*
 * Runs shell commands over files, in an isolate of its own: a bundle with the shell, loaded for no other program. Files come from the
 * session when a command reads them, and what the commands have changed goes back at the end, all of it or nothing.
 */

import { Bash, getCommandNames, InMemoryFs } from "just-bash/browser";
import { guardWith } from "./guard-hook.js";

/** Folder of the shell → the same folder for `files`: those of the sandbox session, and those of the session that it belongs to. */
const folders = { "/workspace/": "", "/files/": "/files/" };

/** They need more than an isolate has. */
const missing = ["tar", "sqlite3"];

/**
 * @param {(place: number) => void} options.pass the guard against commands that compute too long
 * @param {object} options.files of the module runtime
 * @param {{ outputChars: number, outputBytes: number, fileBytes: number }} options.bounds
 */
export async function run({ pass, files, commands, bounds }) {
  guardWith(pass);
  const kept = await openFiles(files, bounds);
  const bash = new Bash({
    fs: kept.fs,
    commands: getCommandNames().filter((name) => !missing.includes(name)),
    cwd: "/workspace",
    env: { HOME: "/workspace", TMPDIR: "/tmp", LANG: "C.UTF-8" },
    // The isolate is the wall. Replacing its globals would only add to it what programs do without.
    defenseInDepth: false,
    executionLimits: limitsOf(bounds),
  });
  const { stdout, stderr, exitCode } = await bash.exec(commands);
  const changed = await kept.save();
  return {
    exitCode,
    stdout: stdout.slice(0, bounds.outputChars),
    stderr: stderr.slice(0, bounds.outputChars),
    ...(stdout.length > bounds.outputChars || stderr.length > bounds.outputChars ? { truncated: true } : {}),
    ...(changed > 0 ? { changedFiles: changed } : {}),
  };
}

/** Time, computing time and memory are limited outside, so steps need no limits of their own. */
function limitsOf({ outputBytes, fileBytes }) {
  const steps = 1e9;
  return {
    maxOutputSize: outputBytes,
    maxFileSystemBytes: fileBytes,
    maxLiveBytes: 2 * fileBytes,
    maxInputBytes: 4 * fileBytes,
    maxStringLength: fileBytes,
    maxCommandCount: steps,
    maxLoopIterations: steps,
    maxAwkIterations: steps,
    maxSedIterations: steps,
    maxJqIterations: steps,
    maxWorkUnits: steps,
    maxQueryElements: steps,
    maxAwkParserOperations: steps,
    maxArrayElements: 10_000_000,
  };
}

/** Thrown in place of a content that no command has read. */
class Unread extends Error {
  constructor(name) {
    super(`${name} was not read`);
    this.file = name;
  }
}

async function openFiles(files, { fileBytes }) {
  const fs = new InMemoryFs({}, { maxTotalBytes: fileBytes });
  /** Path in the shell → the bytes that were read of it; undefined while none were. */
  const before = new Map();
  let isSaving = false;
  for (const folder of ["/workspace", "/files", "/tmp"]) fs.mkdirSync(folder, { recursive: true });
  for (const [folder, from] of Object.entries(folders)) {
    for (const { path, modifiedAt } of await files.list(from)) {
      const name = folder + path.slice(from.length);
      before.set(name, undefined);
      const read = async () => {
        if (isSaving) throw new Unread(name);
        const bytes = await files.read(path, { as: "bytes" });
        before.set(name, bytes);
        return bytes;
      };
      fs.writeFileLazy(name, read, { mtime: new Date(modifiedAt) });
    }
  }

  /** The new content of a file; undefined for the old one, and for what is no file. */
  async function contentOf(name) {
    isSaving = true;
    try {
      if (!(await fs.lstat(name)).isFile) return undefined;
      const bytes = await fs.readFileBuffer(name);
      return areEqual(bytes, before.get(name)) ? undefined : bytes;
    } catch (error) {
      if (!(error instanceof Unread)) throw error;
      if (error.file === name) return undefined;
    } finally {
      isSaving = false;
    }
    // Another file that nobody has read was moved here.
    return fs.readFileBuffer(name);
  }

  async function save() {
    const changes = [];
    const present = new Set(fs.getAllPaths());
    for (const name of present) {
      const path = pathOf(name);
      if (path === undefined || path === "") continue;
      const content = await contentOf(name);
      if (content !== undefined) changes.push({ path, ...changeOf(content, before.get(name)) });
    }
    const gone = [...before.keys()].filter((name) => !present.has(name));
    // Before the others: a folder may have taken the place of a file.
    const all = [...gone.map((name) => ({ kind: "delete", path: pathOf(name) })), ...changes];
    if (all.length > 0) await files.change(all);
    return all.length;
  }

  return { fs, save };
}

/** Where the file is in the session; undefined for one outside its folders, which goes with the isolate, and "" for a folder itself. */
function pathOf(name) {
  const folder = Object.keys(folders).find((candidate) => name.startsWith(candidate));
  return folder && folders[folder] + name.slice(folder.length);
}

/** Of what was only appended, the rest is: others may have appended to the file meanwhile. */
function changeOf(content, old) {
  if (old === undefined || old.length === 0 || !beginsWith(content, old)) return { kind: "write", content };
  return { kind: "append", content: content.subarray(old.length) };
}

function areEqual(one, other) {
  return one.length === other?.length && beginsWith(one, other);
}

function beginsWith(one, other) {
  if (one === other) return true;
  for (let at = 0; at < other.length; at++) if (one[at] !== other[at]) return false;
  return true;
}
