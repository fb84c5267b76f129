/** @jsxImportSource hono/jsx */
import type { ArgumentField } from "../../core/discovery/argument-form.ts";
import type { ToolForm } from "../../core/discovery/tool-form.ts";
import { escapeInvisible } from "../../core/text.ts";
import { ArgumentInput } from "./argument-input.tsx";
import { Reply, type RunReply } from "./reply.tsx";
import { FormToken, inSession, type Viewer } from "./shell.tsx";

/** A tool with what was typed into its form, and what came of it. */
export interface TriedTool {
  form: ToolForm;
  /** By the argument's name; the further arguments are in "". */
  typed: ReadonlyMap<string, string>;
  problems: ReadonlyMap<string, string>;
  reply?: RunReply | undefined;
}

/** A form for the arguments of a tool, and the answer of the call. It needs no script. */
export function TryTool({ tried: { form, typed, problems, reply }, viewer }: { tried: TriedTool; viewer: Viewer }) {
  const { server, tool, description, isReadOnly, isDestructive, fields, takesMore } = form;
  return (
    <section id="try">
      <h2>{`Try ${server}.${escapeInvisible(tool)}`}</h2>
      <p class="described">{description}</p>
      {isReadOnly ? <p class="note">Its server says that it only reads.</p> : null}
      {isDestructive ? <p role="note">▲ Its server says that it may delete or overwrite something.</p> : null}
      <form method="post" action={inSession("/console/tools/try", viewer, { server, tool })} class="arguments">
        <FormToken viewer={viewer} />
        {fields.map((field, at) => (
          <ArgumentInput
            field={field}
            id={`argument-${at}`}
            value={typed.get(field.name) ?? ""}
            problem={problems.get(field.name)}
          />
        ))}
        {takesMore ? (
          <ArgumentInput field={further} id="argument-more" value={typed.get("") ?? ""} problem={problems.get("")} />
        ) : null}
        <p>
          <button type="submit" name="do" value="call" class="main">
            Call it
          </button>{" "}
          <button type="submit" name="do" value="open">
            Open in the playground
          </button>
        </p>
      </form>
      {reply === undefined ? null : (
        <section aria-label="Answer" id="answer">
          <Reply of={reply} viewer={viewer} />
        </section>
      )}
    </section>
  );
}

const further: ArgumentField = {
  name: "",
  kind: "json",
  isRequired: false,
  description: "Further arguments, as one object.",
};
