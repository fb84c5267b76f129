/** @jsxImportSource hono/jsx */
import { Answer, type Answered } from "./answer.tsx";
import { type AskedQuestion, Questions } from "./questions.tsx";
import { inSession, Shell, type Viewer } from "./shell.tsx";

/** Where a run stopped that a person started: at its end, or where servers ask that person. `late`: their answer reached no run. */
export type RunReply =
  | { kind: "ended"; outcome: Answered }
  | { kind: "asks"; token: string; questions: readonly AskedQuestion[] }
  | { kind: "late" };

interface ReplyProps {
  of: RunReply;
  /** Whether the page shows already what was printed. */
  isFollowed?: boolean;
  viewer: Viewer;
}

/** What a run answered, or asks. */
export function Reply({ of: reply, isFollowed, viewer }: ReplyProps) {
  switch (reply.kind) {
    case "ended":
      return <Answer outcome={reply.outcome} isFollowed={isFollowed ?? false} viewer={viewer} />;
    case "asks":
      return <Questions token={reply.token} questions={reply.questions} viewer={viewer} />;
    case "late":
      return (
        <p role="alert">
          Your answer was not sent, because no run waits for it: it has ended, waited too long, or was answered from another page.{" "}
          {viewer.mayAdminister ? <a href={inSession("/console/runs", viewer)}>See the runs.</a> : null}
        </p>
      );
  }
}

/** The same as a page, of a run that had waited for a person. */
export function ReplyPage({ of: reply, viewer }: ReplyProps) {
  return (
    <Shell title={reply.kind === "asks" ? "A server asks" : "Answer"} viewer={viewer}>
      <Reply of={reply} viewer={viewer} />
    </Shell>
  );
}

/** The same as a part of a page that a script puts in its place. */
export async function replyText(reply: RunReply, viewer: Viewer): Promise<string> {
  return String(await (<Reply of={reply} isFollowed viewer={viewer} />));
}
