/** @jsxImportSource hono/jsx */
import type { EntryProblem, NeededVariable, ViewedEntry } from "../../core/registry/registry-change.ts";
import { Problems } from "./problems.tsx";
import { fieldAt, type ServerFields } from "./server-fields.ts";
import { FormToken, inSession, Shell, type Viewer } from "./shell.tsx";
import { TextBlock } from "./text-block.tsx";
import { Variables } from "./variables.tsx";

export interface ServerFormView {
  /** The entry that is edited, and what was seen of it as JSON; undefined for a new one. */
  edited?: { at: number; was: string } | undefined;
  /** The entry as fields, or as JSON. */
  form: { kind: "fields"; fields: ServerFields } | { kind: "json"; json: string };
  problems: readonly EntryProblem[];
  /** Those that it refers to: some took the place of secrets. */
  variables: readonly NeededVariable[];
  /** It was changed meanwhile; `current` is what it is now, if it is there. */
  conflict?: { current: ViewedEntry | undefined } | undefined;
  /** The file, as messages name it. */
  file: string;
  /** A person has sent it, and it was not taken. */
  isSent: boolean;
}

/** The form for a new server, or for one that the registry has. */
export function ServerFormPage({ view, viewer }: { view: ServerFormView; viewer: Viewer }) {
  const { edited, form, problems, variables, conflict, file, isSent } = view;
  const at = edited === undefined ? {} : { at: String(edited.at) };
  const path = edited === undefined ? "/console/servers/new" : "/console/servers/edit";
  return (
    <Shell title={edited === undefined ? "Add a server" : "Edit a server"} viewer={viewer}>
      {conflict === undefined ? null : <Conflict current={conflict.current} file={file} />}
      {problems.length === 0 ? null : (
        <p role="alert">
          {isSent ? "Nothing was changed: " : null}
          {problems.length === 1 ? "one thing is not right yet." : `${problems.length} things are not right yet.`}
        </p>
      )}
      <Problems of={form.kind === "json" ? problems : problems.filter(({ path }) => fieldAt(path) === undefined)} />
      <Variables variables={variables} isDone={false} />
      <form method="post" action={inSession("/console/servers/save", viewer)}>
        <FormToken viewer={viewer} />
        <input type="hidden" name="as" value={form.kind} />
        {edited === undefined ? null : <input type="hidden" name="at" value={at.at} />}
        {edited === undefined ? null : <input type="hidden" name="was" value={edited.was} />}
        {form.kind === "json" ? (
          <p>
            <label for="json">Entry (JSON)</label>
            <textarea id="json" name="json" rows={24} spellcheck={false}>
              {form.json}
            </textarea>
          </p>
        ) : (
          <Fields fields={form.fields} problems={problems} />
        )}
        <p class="actions">
          <button type="submit" class="main">
            Save
          </button>
          <a href={inSession(path, viewer, { ...at, ...(form.kind === "json" ? {} : { as: "json" }) })}>
            {form.kind === "json" ? "As fields" : "As JSON"}
          </a>
          <a href={inSession("/", viewer)}>Back to the servers</a>
        </p>
      </form>
      <p class="note">
        {"The registry is "}
        <code>{file}</code>
        {". A token that is typed or pasted here is not kept: a reference to a variable takes its place."}
        {JSON.stringify(form).includes("${hidden:") ? " ${hidden:…} stands for a secret that the file has as plain text." : null}
      </p>
    </Shell>
  );
}

function Conflict({ current, file }: { current: ViewedEntry | undefined; file: string }) {
  if (current === undefined)
    return <p role="alert">{`Nothing was changed: this server is not in ${file} any more. What you wrote is below.`}</p>;
  return (
    <>
      <p role="alert">{`Nothing was changed: ${file} has another text for this server than you have seen. What you wrote is below; save it again if it is to take the place of this:`}</p>
      <TextBlock label="The server in the file now">{JSON.stringify(current.entry, null, 2)}</TextBlock>
    </>
  );
}

type Problem = { problems: readonly EntryProblem[] };

function Fields({ fields, problems }: { fields: ServerFields } & Problem) {
  const { transport } = fields;
  return (
    <>
      <Field name="id" label="Name in code" value={fields.id} problems={problems} />
      <Field name="title" label="Title" value={fields.title} problems={problems} />
      <Field name="summary" label="What it is for (search reads this)" value={fields.summary} rows={2} problems={problems} />
      <p class="field">
        <label for="transport">Reached as</label>{" "}
        <select id="transport" name="transport" {...described("transport", problems)}>
          {Object.entries(transports).map(([value, label]) => (
            <option value={value} selected={value === transport}>
              {label}
            </option>
          ))}
        </select>
        <Wrong name="transport" problems={problems} />
      </p>
      <fieldset>
        <legend>A program on this machine</legend>
        <Field name="command" label="Command" value={fields.command} problems={problems} />
        <Field name="args" label="Arguments, one on each line" value={fields.args} rows={3} problems={problems} />
        <Field name="env" label="Variables, NAME=value on each line" value={fields.env} rows={3} problems={problems} />
        <Field name="cwd" label="Working directory (may be empty)" value={fields.cwd} problems={problems} />
      </fieldset>
      <fieldset>
        <legend>A server at an address</legend>
        <Field name="url" label="Address" value={fields.url} problems={problems} />
        <Field name="headers" label="Headers, Name: value on each line" value={fields.headers} rows={2} problems={problems} />
      </fieldset>
      <Field name="rest" label="Everything else (JSON)" value={fields.rest} rows={6} problems={problems} />
    </>
  );
}

interface FieldProps extends Problem {
  name: keyof ServerFields;
  label: string;
  value: string;
  /** Of a text area; left out for one line. */
  rows?: number;
}

function Field({ name, label, value, rows, problems }: FieldProps) {
  const common = { id: name, name, spellcheck: false, autocomplete: "off", ...described(name, problems) } as const;
  return (
    <p class="field">
      <label for={name}>{label}</label>
      <br />
      {rows === undefined ? (
        <input {...common} value={value} size={48} />
      ) : (
        <textarea {...common} rows={rows}>
          {value}
        </textarea>
      )}
      <Wrong name={name} problems={problems} />
    </p>
  );
}

function Wrong({ name, problems }: Problem & { name: keyof ServerFields }) {
  const own = problems.filter(({ path }) => fieldAt(path) === name);
  return own.length === 0 ? null : (
    <strong class="wrong" id={`${name}-problem`}>
      {own.map(({ path, message }) => `${path}: ${message}`).join("; ")}
    </strong>
  );
}

function described(name: keyof ServerFields, problems: readonly EntryProblem[]) {
  const isWrong = problems.some(({ path }) => fieldAt(path) === name);
  return isWrong ? { "aria-invalid": "true" as const, "aria-describedby": `${name}-problem` } : {};
}

const transports = { stdio: "a program (stdio)", http: "an address (http)", sse: "an address (sse)" };
