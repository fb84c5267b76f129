/** @jsxImportSource hono/jsx */
import { type ArgumentField, argumentForm } from "../../core/discovery/argument-form.ts";
import { typedInitially } from "../../core/discovery/read-arguments.ts";
import type { OpenQuestion } from "../../core/run/live-run.ts";
import { withoutInvisible } from "../../core/text.ts";
import { ArgumentInput } from "./argument-input.tsx";
import { FormToken, inSession, type Viewer } from "./shell.tsx";

/** What a server asks during a run, with what was typed for it. All of it but the id is the words of its server. */
export interface AskedQuestion {
  id: string;
  server: string;
  tool: string;
  /** The orchestrator itself asks, about a call. */
  isOwn: boolean;
  message: string;
  fields: readonly ArgumentField[];
  /** By the field's name. */
  typed: ReadonlyMap<string, string>;
  /** What is wrong with it, by the field's name; "" is the answer as a whole. */
  problems: ReadonlyMap<string, string>;
  /** Where the server wants the person to go, who then says that it is done. */
  url?: string | undefined;
}

/** A question as it is first shown: with what its server would take without an answer. */
export function askedQuestion({ id, server, tool, isOwn = false, question }: OpenQuestion): AskedQuestion {
  const isForm = question.mode === "form";
  const fields = isForm ? argumentForm(question.requestedSchema).fields : [];
  return {
    ...{ id, server, tool, isOwn, fields },
    message: withoutInvisible(question.message),
    typed: new Map(fields.map((field) => [field.name, typedInitially(field)])),
    problems: new Map(),
    url: isForm ? undefined : question.url,
  };
}

interface QuestionsProps {
  /** Of the run that waits. */
  token: string;
  questions: readonly AskedQuestion[];
  viewer: Viewer;
}

/**
 * What servers ask, to be answered one after the other. It is one form, so that what was typed for a second question is kept when the
 * first one is answered; and checked where the answer arrives, because a field that must be given is one of its own question only.
 */
export function Questions({ token, questions, viewer }: QuestionsProps) {
  return (
    <form method="post" action={inSession("/console/answer", viewer)} class="arguments questions" novalidate data-answers="">
      <FormToken viewer={viewer} />
      <input type="hidden" name="token" value={token} />
      {/* Enter in a field is the first button: of several questions it would answer another one. */}
      {questions.length > 1 ? <button type="submit" name="do" value="none" hidden /> : null}
      {questions.map((question) => (
        <Question question={question} />
      ))}
      <p>
        <button type="submit" name="do" value="stop">
          Cancel the run
        </button>
      </p>
    </form>
  );
}

function Question({ question }: { question: AskedQuestion }) {
  const { id, server, tool, isOwn, message, fields, typed, problems, url } = question;
  const wrong = problems.get("");
  return (
    <fieldset class="question">
      <legend>
        {isOwn ? (
          "May the program make this call?"
        ) : (
          <>
            <bdi>{server}</bdi> asks you, in its tool <code>{withoutInvisible(tool)}</code>
          </>
        )}
      </legend>
      {/* Says that its fields stood in the form, also those that a browser leaves out. */}
      <input type="hidden" name="question" value={id} />
      <p class="described">{message}</p>
      {url === undefined ? null : <Destination url={url} />}
      {fields.map((field, at) => (
        <ArgumentInput
          field={field}
          id={`${id}-${at}`}
          value={typed.get(field.name) ?? ""}
          problem={problems.get(field.name)}
          question={id}
        />
      ))}
      {wrong === undefined ? null : <p role="alert">{wrong}</p>}
      <p>
        <button type="submit" name="do" value={`accept ${id}`} class="main">
          {url === undefined ? "Answer" : "Done, go on"}
        </button>{" "}
        <button type="submit" name="do" value={`decline ${id}`}>
          Decline
        </button>{" "}
        <button type="submit" name="do" value={`cancel ${id}`}>
          Skip
        </button>
      </p>
      {isOwn ? null : (
        <p class="note">
          {url === undefined
            ? "What you answer goes to this server. Give it no password and no key."
            : "Open it only if you expected it. What you do there stays between you and that page."}
        </p>
      )}
    </fieldset>
  );
}

/** The host stands alone, because an address can be written so that it begins like another. */
function Destination({ url }: { url: string }) {
  const { host, protocol } = new URL(url);
  return (
    <div class="field">
      <p>
        It wants you to open a page of <b class="host">{host}</b>
        {protocol === "https:" ? "" : ", over a connection that is not encrypted"}:
      </p>
      <p>
        <a href={url} target="_blank" rel="noopener noreferrer">
          {url}
        </a>
      </p>
    </div>
  );
}
