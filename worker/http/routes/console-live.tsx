/** @jsxImportSource hono/jsx */
import { LivePage } from "../../console/live-page.tsx";
import { askedQuestion } from "../../console/questions.tsx";
import { sessionAt } from "../access/session-address.ts";
import { seeOther } from "../page.ts";
import { type ConsoleRoutes, show } from "./console-page.ts";
import { questionsAt } from "./console-questions.tsx";
import { Follower, tellLive, wantsLines } from "./console-runner.ts";

/** Runs that are under way, whoever started them: watched and cancelled. */
export function addLiveRoutes(pages: ConsoleRoutes): void {
  pages.get("/console/live/:run", "mcp:admin", async (c, { viewer, address, named: id }) => {
    const session = sessionAt(c.env, address);
    if (wantsLines(c))
      return tellLive(c, {
        run: async ({ tell }) => ({ kind: "ended", outcome: (await session.desk().watch(id, new Follower(tell))) ?? ended }),
        viewer,
      });
    const [files, asking, running] = await Promise.all([
      session.desk().readRunning(id),
      questionsAt(session).askedBy(id),
      session.desk().listRunning(),
    ]);
    const needsDecision = running.some((run) => run.id === id && run.waitsFor === "decision");
    const asks = asking && { token: asking.token, questions: asking.questions.map(askedQuestion) };
    return show(<LivePage view={{ id, files, needsDecision, asks }} viewer={viewer} />);
  });

  pages.post("/console/live/:run/cancel", "mcp:admin", async (c, { address, named }) => {
    await sessionAt(c.env, address).desk().cancelRunning(named);
    return seeOther(`/console/runs${new URL(c.req.url).search}`);
  });
}

const ended = {
  ok: false,
  errors: [{ code: "cancelled", phase: "run", message: "It has ended. It is among the runs.", retryable: false }],
} as const;
