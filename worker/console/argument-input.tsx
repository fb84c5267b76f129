/** @jsxImportSource hono/jsx */
import type { ArgumentField } from "../../core/discovery/argument-form.ts";
import { withoutInvisible } from "../../core/text.ts";

/**
 * What a form calls the field of an argument: servers choose the names, and one may be that of another field of the form.
 * @param argument "" for the further ones
 * @param question whose argument it is; left out in a form for one tool
 */
export function fieldName(argument: string, question?: string): string {
  const name = argument === "" ? "more" : `arg ${argument}`;
  return question === undefined ? name : `${question} ${name}`;
}

interface InputProps {
  field: ArgumentField;
  id: string;
  /** What was typed. */
  value: string;
  problem: string | undefined;
  /** Set where a server asks a person, who sees the names that are meant for persons. */
  question?: string;
}

/** One argument: its name, a control for its kind, what its server says of it, and what is wrong with it. */
export function ArgumentInput(props: InputProps) {
  const { field, id, problem } = props;
  const { isRequired, title, description, initial } = field;
  const own = description === "" && props.question === undefined ? title : description;
  const before = props.question === undefined && initial ? `Left out: ${initial}` : undefined;
  const notes = [own, hints[field.items === "number" ? "numbers" : (field.format ?? field.kind)], before].filter((note) => note);
  const required = isRequired ? <span class="required">required</span> : null;
  return (
    <div class="field">
      {field.kind === "choices" ? (
        <fieldset aria-describedby={describedBy(props)}>
          <legend>
            <Name {...props} /> {required}
          </legend>
          <Checkboxes {...props} />
        </fieldset>
      ) : (
        <>
          <label for={id}>
            <Name {...props} /> {required}
          </label>
          <Control {...props} />
        </>
      )}
      <p class="note" id={`${id}-note`}>
        {notes.join(" ")}
      </p>
      {problem === undefined ? null : (
        <p role="alert" id={`${id}-problem`}>
          {problem}
        </p>
      )}
    </div>
  );
}

function Name({ field: { name, title }, question }: InputProps) {
  if (question !== undefined && title) return <bdi>{title}</bdi>;
  return <code>{name === "" ? "…" : withoutInvisible(name)}</code>;
}

const hints: Readonly<Record<string, string>> = {
  integer: "A whole number.",
  list: "One a line.",
  numbers: "Numbers, one a line.",
  json: "JSON.",
  "date-time": "Such as 2026-01-31T12:00:00Z.",
};

function describedBy({ id, problem }: InputProps): string {
  return problem === undefined ? `${id}-note` : `${id}-note ${id}-problem`;
}

function Control(props: InputProps) {
  const { field, id, value, problem, question } = props;
  const common = {
    id,
    name: fieldName(field.name, question),
    // An empty list may be what is wanted; whether it is allowed, the server says.
    required: field.isRequired && field.kind !== "list",
    "aria-describedby": describedBy(props),
    "aria-invalid": problem === undefined ? undefined : "true",
  } as const;
  switch (field.kind) {
    case "boolean":
      return <Select common={common} value={value} options={yesOrNo} />;
    case "choice":
    case "choices":
      return <Select common={common} value={value} options={optionsOf(field)} />;
    case "number":
    case "integer":
      return (
        <input
          {...common}
          value={value}
          type="number"
          step={field.kind === "integer" ? "1" : "any"}
          min={field.least}
          max={field.most}
        />
      );
    case "text":
      if (field.format !== undefined) return <input {...common} value={value} type={inputTypes[field.format]} />;
      return <Text common={common} value={value} rows={1} />;
    case "list":
    case "json":
      return <Text common={common} value={value} rows={3} />;
  }
}

const yesOrNo = [
  ["true", "yes"],
  ["false", "no"],
] as const;

const inputTypes = { email: "email", uri: "url", date: "date", "date-time": "text" } as const;

interface ControlProps {
  common: { id: string; name: string; required: boolean };
  value: string;
}

function Text({ common, value, rows }: ControlProps & { rows: number }) {
  return (
    <textarea {...common} rows={rows} spellcheck={false}>
      {value}
    </textarea>
  );
}

function Select({ common, value, options }: ControlProps & { options: readonly (readonly [string, string])[] }) {
  return (
    <select {...common}>
      <option value="">—</option>
      {options.map(([option, label]) => (
        <option value={option} selected={option === value}>
          {label}
        </option>
      ))}
    </select>
  );
}

function Checkboxes({ field, value, question }: InputProps) {
  const chosen = value.split("\n");
  return optionsOf(field).map(([option, label]) => (
    <label class="option">
      <input type="checkbox" name={fieldName(field.name, question)} value={option} checked={chosen.includes(option)} /> {label}
    </label>
  ));
}

/** Each value as JSON, with what a person reads for it. */
function optionsOf({ choices = [], labels }: ArgumentField): (readonly [string, string])[] {
  return choices.map((json, at) => [json, labels?.[at] ?? readable(json)] as const);
}

/** A text without its quotes. */
function readable(json: string): string {
  const value: unknown = JSON.parse(json);
  return withoutInvisible(typeof value === "string" ? value : json);
}
