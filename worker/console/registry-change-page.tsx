/** @jsxImportSource hono/jsx */
import type { ChangeAnswer, EntryProblem, ImportAnswer, ViewedEntry } from "../../core/registry/registry-change.ts";
import { Problems } from "./problems.tsx";
import { FormToken, inSession, Shell, type Viewer } from "./shell.tsx";
import { TextBlock } from "./text-block.tsx";
import { Variables } from "./variables.tsx";

type Changed = Extract<ChangeAnswer, { kind: "changed" }>;

/** What was changed, or what a person has to change, and what is to be set then. */
export function ChangedPage({ answer, did, viewer }: { answer: Changed; did: string; viewer: Viewer }) {
  const { file, isWritten, line, entries, variables, envFile } = answer;
  return (
    <Shell title={isWritten ? "Changed" : "To be changed by hand"} viewer={viewer}>
      {isWritten ? (
        <p role="status">
          {`${did} in `}
          <code>{file}</code>. It takes effect at once.
        </p>
      ) : (
        <p role="status">
          {envFile === undefined
            ? "Nothing was changed: a deployment cannot write its registry, "
            : `Nothing was changed: ${isOpen} `}
          <code>{file}</code>
          {`. ${byHand(entries.length, line)}${envFile === undefined ? " Then deploy it again." : ""}`}
        </p>
      )}
      {entries.length === 0 ? null : (
        <TextBlock label={isWritten ? "As it is written now" : "To be written"}>
          {entries.map((entry) => JSON.stringify(entry, null, 2)).join(",\n")}
        </TextBlock>
      )}
      <Variables variables={variables} isDone={true} envFile={envFile} />
      <Back viewer={viewer} />
    </Shell>
  );
}

const isOpen = "without a token everyone on this machine could change what it starts. You can still write it yourself into";

function byHand(count: number, line: number | undefined): string {
  if (count === 0) return `Remove the entry in line ${line} from "servers".`;
  return line === undefined ? 'Add this to the end of "servers".' : `Write this in place of the entry in line ${line}.`;
}

/** A change without a form of its own that was not made. */
export function NotChangedPage({ text, problems, viewer }: { text: string; problems: readonly EntryProblem[]; viewer: Viewer }) {
  return (
    <Shell title="Nothing was changed" viewer={viewer}>
      <p role="alert">{text}</p>
      <Problems of={problems} />
      <Back viewer={viewer} />
    </Shell>
  );
}

/** Asks before an entry is removed. */
export function RemovePage({
  entry: { at, id, entry, line },
  file,
  viewer,
}: {
  entry: ViewedEntry;
  file: string;
  viewer: Viewer;
}) {
  return (
    <Shell title={`Remove ${id || "an entry"}`} viewer={viewer}>
      <p>
        {"This is in line "}
        {line}
        {" of "}
        <code>{file}</code>:
      </p>
      <TextBlock label="The entry">{JSON.stringify(entry, null, 2)}</TextBlock>
      <form method="post" action={inSession("/console/servers/remove", viewer)}>
        <FormToken viewer={viewer} />
        <Seen at={at} entry={entry} />
        <button type="submit">Remove it</button>
      </form>
      <Back viewer={viewer} />
    </Shell>
  );
}

/** Which entry a form means. */
export function Seen({ at, entry }: Pick<ViewedEntry, "at" | "entry">) {
  return (
    <>
      <input type="hidden" name="at" value={at} />
      <input type="hidden" name="was" value={JSON.stringify(entry)} />
    </>
  );
}

export interface ImportView {
  file: string;
  /** Whether the formats of other programs can be read here. */
  canRead: boolean;
  /** Of the text that was pasted. */
  answer?: ImportAnswer | undefined;
}

/** Takes another program's configuration, shows what it would become, and leaves the decision to a person. */
export function ImportPage({ view: { file, canRead, answer }, viewer }: { view: ImportView; viewer: Viewer }) {
  const found = answer?.kind === "found" ? answer : undefined;
  return (
    <Shell title="Import servers" viewer={viewer}>
      {answer?.kind === "refused" ? <p role="alert">{answer.message}</p> : null}
      {found === undefined ? null : <Found found={found} file={file} viewer={viewer} />}
      {canRead ? (
        <form method="post" action={inSession("/console/servers/import", viewer)}>
          <FormToken viewer={viewer} />
          <label for="text">
            The MCP configuration of Claude, VS Code, Cursor, Codex, Windsurf, Zed or another program, as JSON or TOML
          </label>
          <textarea id="text" name="text" rows={14} spellcheck={false} autocomplete="off" required />
          <p>
            <button type="submit">{found === undefined ? "Show what it becomes" : "Read this one instead"}</button>
          </p>
        </form>
      ) : (
        <p>
          {
            "A deployment does not read the formats of other programs. On a machine with the project, this prints the entries for "
          }
          <code>{file}</code>: <code>npm run bridge -- import FILE</code>
        </p>
      )}
      <Back viewer={viewer} />
    </Shell>
  );
}

function Found({ found, file, viewer }: { found: Extract<ImportAnswer, { kind: "found" }>; file: string; viewer: Viewer }) {
  const { entries, notes, variables } = found;
  return (
    <section aria-labelledby="found">
      <h2 id="found">{`${entries.length} new ${entries.length === 1 ? "entry" : "entries"}`}</h2>
      {notes.length === 0 ? null : (
        <ul>
          {notes.map((note) => (
            <li>{note}</li>
          ))}
        </ul>
      )}
      <Variables variables={variables} isDone={false} />
      {entries.length === 0 ? null : (
        <form method="post" action={inSession("/console/servers/save", viewer)}>
          <FormToken viewer={viewer} />
          <input type="hidden" name="as" value="json" />
          <label for="json">{`To be added to ${file}`}</label>
          <textarea id="json" name="json" rows={20} spellcheck={false}>
            {JSON.stringify(entries, null, 2)}
          </textarea>
          <p>
            <button type="submit">Add</button>
          </p>
        </form>
      )}
    </section>
  );
}

function Back({ viewer }: { viewer: Viewer }) {
  return (
    <p>
      <a href={inSession("/", viewer)}>Back to the servers</a>
    </p>
  );
}
