/** Limits on the files of a session. Bytes are those of the files' contents. */
export const fileLimits = {
  /** One file. A program holds it in memory as a whole. */
  fileBytesMax: 16 * 1024 * 1024,
  /** Files of one workspace. */
  filesMax: 1_000,
  /** All files of a session together, in its own workspace and in those of its sandboxes. */
  sessionFilesBytesMax: 128 * 1024 * 1024,
  /** Length of a path, and of each name in it. */
  pathCharsMax: 400,
  nameCharsMax: 200,
  /** Base64 of the bytes that one call carries into a file: with its frame it is no longer than any other value of a session. */
  uploadCharsMax: 256 * 1024,
  /** Bytes that one call reads of a file: all are converted in one turn of the session. */
  pieceBytes: 384 * 1024,
  /** The last piece of a file up to this length grows when something is appended, instead of being followed by another. */
  growingBytesMax: 64 * 1024,
  /** A workspace that nobody has used for this long is removed: unless told otherwise, and at most. */
  idleMs: 1_800_000,
  idleMsMax: 7 * 24 * 60 * 60_000,
  /** How exactly the last use is known: each note of it is a write. */
  useNotedEveryMs: 30_000,
  /** Uploads of a run that have begun and are in no file yet. */
  uploadsMax: 50,
} as const;
