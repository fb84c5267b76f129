/** @jsxImportSource hono/jsx */

/** A time, to the second. A page without a script does not know the reader's zone. */
export function When({ at }: { at: number | string }) {
  const iso = new Date(at).toISOString();
  return <time datetime={iso}>{`${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`}</time>;
}
