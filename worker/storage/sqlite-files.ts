/// <reference lib="esnext.typedarrays" />
import { fileLimits } from "../../core/files/file-limits.ts";
import type { FileAddress, FileStat, FileStore, WorkspaceRecord } from "../../core/files/file-store.ts";

/*
 * `files` has a row for each file, and for each staged content, which has no workspace yet. `file_pieces` has the bytes, under the
 * offset at which each piece begins: a row holds at most 2 MB.
 */
const tables = [
  "CREATE TABLE IF NOT EXISTS workspaces (id TEXT PRIMARY KEY, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, idle_ms INTEGER NOT NULL) WITHOUT ROWID",
  "CREATE TABLE IF NOT EXISTS files (id INTEGER PRIMARY KEY AUTOINCREMENT, workspace TEXT, path TEXT, bytes INTEGER NOT NULL, modified_at INTEGER NOT NULL)",
  "CREATE UNIQUE INDEX IF NOT EXISTS files_by_path ON files (workspace, path)",
  "CREATE TABLE IF NOT EXISTS file_pieces (file INTEGER NOT NULL, start INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (file, start)) WITHOUT ROWID",
];

type Row = { id: number; bytes: number };
type FileRow = StatRow & { id: number };
type StatRow = { path: string; bytes: number; modified_at: number };
type WorkspaceRow = { id: string; created_at: number; expires_at: number; idle_ms: number };

/** The files of a session, in the SQLite of its Durable Object. */
export function createSqliteFiles(storage: DurableObjectStorage): FileStore {
  const { sql } = storage;
  for (const table of tables) sql.exec(table);

  const rowOf = ({ workspace, path }: FileAddress) =>
    sql.exec<Row>("SELECT id, bytes FROM files WHERE workspace = ? AND path = ?", workspace, path).toArray()[0];

  function discard(id: number): void {
    sql.exec("DELETE FROM file_pieces WHERE file = ?", id);
    sql.exec("DELETE FROM files WHERE id = ?", id);
  }

  function addPiece(id: number, { at, bytes }: { at: number; bytes: Uint8Array }): void {
    const last = sql
      .exec<{ start: number; length: number }>(
        "SELECT start, length(bytes) AS length FROM file_pieces WHERE file = ? ORDER BY start DESC LIMIT 1",
        id,
      )
      .toArray()[0];
    if (last !== undefined && last.length + bytes.length <= fileLimits.growingBytesMax) {
      const grow = "UPDATE file_pieces SET bytes = CAST(bytes || ? AS BLOB) WHERE file = ? AND start = ?";
      sql.exec(grow, bytes, id, last.start);
    } else sql.exec("INSERT INTO file_pieces (file, start, bytes) VALUES (?, ?, ?)", id, at, bytes);
  }

  /** The slash sorts directly before the zero, so that an index finds them. */
  function rowsBelow({ workspace, path }: FileAddress, rowsMax = -1): FileRow[] {
    const [from, to] = path === "" ? ["", "\u{10ffff}"] : [`${path}/`, `${path}0`];
    const found =
      "SELECT id, path, bytes, modified_at FROM files WHERE workspace = ? AND path >= ? AND path < ? ORDER BY path LIMIT ?";
    return sql.exec<FileRow>(found, workspace, from, to, rowsMax).toArray();
  }

  return {
    transaction: (work) => storage.transactionSync(work),

    workspace: (id) => sql.exec<WorkspaceRow>("SELECT * FROM workspaces WHERE id = ?", id).toArray().map(workspaceOf)[0],
    workspaces: () => sql.exec<WorkspaceRow>("SELECT * FROM workspaces ORDER BY created_at, id").toArray().map(workspaceOf),
    saveWorkspace({ id, createdAt, expiresAt, idleMs }) {
      sql.exec("INSERT OR REPLACE INTO workspaces VALUES (?, ?, ?, ?)", id, createdAt, expiresAt, idleMs);
    },
    removeWorkspace(id) {
      storage.transactionSync(() => {
        sql.exec("DELETE FROM file_pieces WHERE file IN (SELECT id FROM files WHERE workspace = ?)", id);
        sql.exec("DELETE FROM files WHERE workspace = ?", id);
        sql.exec("DELETE FROM workspaces WHERE id = ?", id);
      });
    },

    stat({ workspace, path }) {
      const found = "SELECT path, bytes, modified_at FROM files WHERE workspace = ? AND path = ?";
      return sql.exec<StatRow>(found, workspace, path).toArray().map(statOf)[0];
    },
    list: (folder) => rowsBelow(folder).map(statOf),
    hasBelow: (folder) => rowsBelow(folder, 1).length > 0,
    // One query, however many folders there are: a path has room for two hundred.
    fileAbove({ workspace, path }) {
      const found =
        "SELECT path FROM files WHERE workspace = ?1 AND path < ?2 AND substr(?2, 1, length(path) + 1) = path || '/' ORDER BY path LIMIT 1";
      return sql.exec<{ path: string }>(found, workspace, path).toArray()[0]?.path;
    },
    count: (workspace) =>
      sql.exec<{ files: number }>("SELECT count(*) AS files FROM files WHERE workspace = ?", workspace).one().files,
    bytes(workspace) {
      const all = "SELECT coalesce(sum(bytes), 0) AS bytes FROM files";
      const sum = workspace === undefined ? sql.exec<Row>(all) : sql.exec<Row>(`${all} WHERE workspace = ?`, workspace);
      return sum.one().bytes;
    },
    read(file, { from, bytesMax }) {
      const row = rowOf(file);
      if (row === undefined) return undefined;
      const to = from + bytesMax;
      const pieces = sql
        .exec<{ start: number; bytes: ArrayBuffer }>(
          "SELECT start, bytes FROM file_pieces WHERE file = ? AND start < ? AND start + length(bytes) > ? ORDER BY start",
          row.id,
          to,
          from,
        )
        .toArray()
        .map(({ start, bytes }) => new Uint8Array(bytes).subarray(Math.max(0, from - start), Math.max(0, to - start)));
      const whole = joined(pieces);
      return { base64: whole.toBase64(), bytes: whole.length, total: row.bytes, version: row.id };
    },

    stage: (now) => sql.exec<{ id: number }>("INSERT INTO files (bytes, modified_at) VALUES (0, ?) RETURNING id", now).one().id,
    extend(staged, base64) {
      const bytes = Uint8Array.fromBase64(base64);
      const { bytes: at } = sql.exec<Row>("SELECT id, bytes FROM files WHERE id = ?", staged).one();
      if (bytes.length > 0) addPiece(staged, { at, bytes });
      sql.exec("UPDATE files SET bytes = ? WHERE id = ?", at + bytes.length, staged);
      return at + bytes.length;
    },
    discard(staged) {
      storage.transactionSync(() => discard(staged));
    },
    discardBefore(time) {
      const old = sql.exec<{ id: number }>("SELECT id FROM files WHERE workspace IS NULL AND modified_at < ?", time).toArray();
      storage.transactionSync(() => {
        for (const { id } of old) discard(id);
      });
    },

    place(staged, { workspace, path }, now) {
      const replaced = rowOf({ workspace, path });
      if (replaced !== undefined) discard(replaced.id);
      sql.exec("UPDATE files SET workspace = ?, path = ?, modified_at = ? WHERE id = ?", workspace, path, now, staged);
    },
    append(staged, file, now) {
      const row = rowOf(file);
      if (row === undefined) throw new Error("only a file that exists is appended to");
      const pieces = sql
        .exec<{ bytes: ArrayBuffer }>("SELECT bytes FROM file_pieces WHERE file = ? ORDER BY start", staged)
        .toArray();
      let at = row.bytes;
      for (const piece of pieces) {
        const bytes = new Uint8Array(piece.bytes);
        addPiece(row.id, { at, bytes });
        at += bytes.length;
      }
      sql.exec("UPDATE files SET bytes = ?, modified_at = ? WHERE id = ?", at, now, row.id);
      discard(staged);
    },
    remove(file) {
      const row = rowOf(file);
      if (row !== undefined) discard(row.id);
    },
    removeBelow(folder) {
      for (const { id } of rowsBelow(folder)) discard(id);
    },
  };
}

function workspaceOf({ id, created_at, expires_at, idle_ms }: WorkspaceRow): WorkspaceRecord {
  return { id, createdAt: created_at, expiresAt: expires_at, idleMs: idle_ms };
}

function statOf({ path, bytes, modified_at }: StatRow): FileStat {
  return { path, bytes, modifiedAt: modified_at };
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
