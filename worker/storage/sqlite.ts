import { type Store, storeOfTexts } from "../../core/store.ts";
import { chunksOf } from "../../core/tunnel/chunks.ts";

/** A row of Durable Object storage holds at most 2 MB, so longer values are split into pieces of this size. */
const pieceChars = 400_000;

/**
 * The session's store, in the SQLite of its Durable Object. A JSON value is split into pieces, which are written in one
 * transaction.
 */
export function createSqliteStore(storage: DurableObjectStorage): Store {
  const { sql } = storage;
  sql.exec(
    "CREATE TABLE IF NOT EXISTS entries (key TEXT NOT NULL, piece INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (key, piece)) WITHOUT ROWID",
  );
  const remove = (key: string) => sql.exec("DELETE FROM entries WHERE key = ?", key);

  function readJson(key: string): string | undefined {
    const pieces = sql.exec<{ text: string }>("SELECT text FROM entries WHERE key = ? ORDER BY piece", key).toArray();
    return pieces.length === 0 ? undefined : pieces.map(({ text }) => text).join("");
  }

  function writeJson(key: string, json: string): void {
    storage.transactionSync(() => {
      remove(key);
      for (const [piece, part] of chunksOf(json, pieceChars).entries()) {
        sql.exec("INSERT INTO entries (key, piece, text) VALUES (?, ?, ?)", key, piece, part);
      }
    });
  }

  return storeOfTexts({
    readJson,
    writeJson,
    remove(key) {
      remove(key);
    },
    keys(prefix) {
      return sql
        .exec<{ key: string }>(`SELECT DISTINCT key FROM entries WHERE ${hasPrefix} ORDER BY key`, prefix)
        .toArray()
        .map(({ key }) => key);
    },
    bytes(prefix) {
      return sql
        .exec<{ bytes: number }>(`SELECT coalesce(sum(octet_length(text)), 0) AS bytes FROM entries WHERE ${hasPrefix}`, prefix)
        .one().bytes;
    },
  });
}

/** As a range of the primary key: comparing the beginning of each key would read every row. No UTF-8 text has the byte FF. */
const hasPrefix = "key >= ?1 AND key < ?1 || CAST(x'ff' AS TEXT)";
