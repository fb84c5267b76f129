/** @jsxImportSource hono/jsx */
import { escapeInvisible } from "../../core/text.ts";

/** The files of a program, to be read. */
export function Sources({ files }: { files: readonly { path: string; source: string }[] }) {
  return files.map(({ path, source }) => (
    <>
      {files.length === 1 ? null : <h3>{escapeInvisible(path)}</h3>}
      <pre tabindex={0}>
        <code>{escapeInvisible(source)}</code>
      </pre>
    </>
  ));
}
