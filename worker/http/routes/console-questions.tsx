/** @jsxImportSource hono/jsx */
import { readArguments } from "../../../core/discovery/read-arguments.ts";
import { ElicitationAnswer } from "../../../core/mcp/elicitation.ts";
import type { Outcome } from "../../../core/run/outcome.ts";
import { fieldName } from "../../console/argument-input.tsx";
import { type AskedQuestion, askedQuestion } from "../../console/questions.tsx";
import { ReplyPage, type RunReply } from "../../console/reply.tsx";
import type { Asking } from "../../mcp/elicitation.ts";
import { sessionAt } from "../access/session-address.ts";
import { type C, type ConsoleRoutes, linesIn, show, textIn } from "./console-page.ts";
import { type Follow, goOnToStop, tellLive, wantsLines } from "./console-runner.ts";

/** A person's answers to what servers ask during a run. */
export function addQuestionRoutes(pages: ConsoleRoutes): void {
  pages.post("/console/answer", "mcp:execute", async (c, { viewer, address, form }) => {
    const run = (follow?: Follow) => answered(c, sessionAt(c.env, address), form, follow);
    return wantsLines(c) ? tellLive(c, { run, viewer }) : show(<ReplyPage of={await run()} viewer={viewer} />);
  });
}

type Session = ReturnType<typeof sessionAt>;

/** The session's questions. The type says what RPC passes on, which the platform's types do not derive. */
export function questionsAt(session: Session): QuestionDesk {
  return session.desk();
}

interface QuestionDesk {
  asked(token: string): Promise<Asking | undefined>;
  askedBy(run: string): Promise<Asking | undefined>;
  cancelAsking(token: string): Promise<Outcome | undefined>;
}

async function answered(c: C, session: Session, form: FormData, follow: Follow | undefined): Promise<RunReply> {
  const token = textIn(form, "token");
  const [action = "", id = ""] = textIn(form, "do").split(" ");
  if (action === "stop") {
    const outcome = await questionsAt(session).cancelAsking(token);
    return outcome === undefined ? { kind: "late" } : { kind: "ended", outcome };
  }
  const asking = await questionsAt(session).asked(token);
  if (asking === undefined) return { kind: "late" };
  const questions = asking.questions.map((open) => withTyped(askedQuestion(open), form));
  if (action === "none") return { kind: "asks", token, questions };
  const question = questions.find((one) => one.id === id);
  // Its server has taken the question back: the run is followed all the same.
  const { answer, problems = new Map() } = question ? answerIn(action, question) : {};
  if (problems.size > 0)
    return { kind: "asks", token, questions: questions.map((one) => (one.id === id ? { ...one, problems } : one)) };
  const reply = await goOnToStop(c, session, { token, responses: answer === undefined ? {} : { [id]: answer } }, follow);
  return reply.kind === "asks" ? { ...reply, questions: reply.questions.map((one) => withTyped(one, form)) } : reply;
}

/** With what was typed, if its fields stood in the form. */
function withTyped(question: AskedQuestion, form: FormData): AskedQuestion {
  const { id, fields } = question;
  if (!form.getAll("question").includes(id)) return question;
  return { ...question, typed: new Map(fields.map(({ name }) => [name, linesIn(form, fieldName(name, id))])) };
}

interface Read {
  answer?: ElicitationAnswer;
  problems?: ReadonlyMap<string, string>;
}

function answerIn(action: string, { fields, typed, url }: AskedQuestion): Read {
  if (action === "decline" || action === "cancel") return { answer: { action } };
  if (url !== undefined) return { answer: { action: "accept" } };
  const { args, problems } = readArguments({ fields }, { typed: (name) => typed.get(name) ?? "", more: "" });
  if (problems.size > 0) return { problems };
  const answer = ElicitationAnswer.safeParse({ action: "accept", content: args });
  return answer.success ? { answer: answer.data } : { problems: new Map([["", answer.error.issues[0]?.message ?? "no answer"]]) };
}
