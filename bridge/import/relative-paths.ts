/** Endings of files that servers are started from or read. */
const endings = /\.(?:[cm]?[jt]sx?|py|rb|sh|php|jar|dll|exe|json[c5]?|ya?ml|toml|ini|env|db|sqlite3?|csv|md|txt|sql)$/i;

/**
 * Whether a word of a command line, or a variable's value, is a path relative to the folder in which the other program starts its
 * servers; the bridge starts them in another one.
 */
export function isRelativePath(word: string): boolean {
  const value = /^--?[\w-]+=(.+)$/s.exec(word)?.[1] ?? word;
  if (/^\.{1,2}(?:[/\\]|$)/.test(value)) return true;
  const isElsewhere = /^(?:[-/~@\\$]|[A-Za-z]:[\\/]|[a-z][a-z0-9+.-]*:)/i.test(value);
  return !isElsewhere && /^[\w. /\\-]+$/.test(value) && endings.test(value);
}
