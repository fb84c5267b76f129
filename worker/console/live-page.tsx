/** @jsxImportSource hono/jsx */
import { Following } from "./following.tsx";
import { type AskedQuestion, Questions } from "./questions.tsx";
import { FormToken, inSession, Shell, type Viewer } from "./shell.tsx";
import { Sources } from "./sources.tsx";

export interface LiveView {
  id: string;
  /** The source of each file of its program, by its path; undefined when it has ended. */
  files?: Readonly<Record<string, string>> | undefined;
  /** Its calls wait for a decision. */
  needsDecision?: boolean | undefined;
  /** What it asks a person, with the token for the answer. */
  asks?: { token: string; questions: readonly AskedQuestion[] } | undefined;
}

/** A run that is under way, whoever started it: what it prints, as it prints it, and its program. */
export function LivePage({ view: { id, files, needsDecision = false, asks }, viewer }: { view: LiveView; viewer: Viewer }) {
  if (files === undefined)
    return (
      <Shell title="Run" viewer={viewer}>
        <p role="status">
          It has ended. <a href={inSession("/console/runs", viewer)}>It is among the runs.</a>
        </p>
      </Shell>
    );
  return (
    <Shell title="Run" viewer={viewer} scripts={["live.js"]}>
      {needsDecision ? (
        <p>
          <span class="status auth_required">▲ waits for an approval:</span>{" "}
          <a href={inSession("/console/approvals", viewer)}>look at it and decide</a>
        </p>
      ) : null}
      <form id="cancel" method="post" action={inSession(`/console/live/${id}/cancel`, viewer)}>
        <FormToken viewer={viewer} />
        <button type="submit">Cancel this run</button>
      </form>
      {asks === undefined ? null : <Questions {...asks} viewer={viewer} />}
      <Following isLive />
      <section>
        <h2>Program</h2>
        <Sources files={Object.entries(files).map(([path, source]) => ({ path, source }))} />
      </section>
    </Shell>
  );
}
