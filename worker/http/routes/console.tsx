/** @jsxImportSource hono/jsx */
import { NumbersPage } from "../../console/numbers-page.tsx";
import { RunPage } from "../../console/run-page.tsx";
import { RunsPage } from "../../console/runs-page.tsx";
import { originOf } from "../access/origin.ts";
import { renderPage } from "../page.ts";
import { addApprovalRoutes } from "./console-approvals.tsx";
import { fileOf } from "./console-files.ts";
import { addKeptRoutes } from "./console-kept.tsx";
import { addLiveRoutes } from "./console-live.tsx";
import { numbersView } from "./console-numbers.ts";
import { ConsoleRoutes, show } from "./console-page.ts";
import { addPlayRoutes } from "./console-play.tsx";
import { addQuestionRoutes } from "./console-questions.tsx";
import { runsView, runView } from "./console-runs.ts";
import { addSavedRoutes } from "./console-saved.tsx";
import { addServerRoutes } from "./console-servers.tsx";
import { addToolRoutes } from "./console-tools.tsx";

/** The console: pages for the person behind the agent. */
export const pages = new ConsoleRoutes();

pages.getForAnybody("/console/assets/:file", fileOf);

addServerRoutes(pages);
addToolRoutes(pages);
addPlayRoutes(pages);
addQuestionRoutes(pages);
addKeptRoutes(pages);
addSavedRoutes(pages);
addApprovalRoutes(pages);
addLiveRoutes(pages);

pages.get("/console/runs", "mcp:admin", async (c, { viewer, address }) =>
  show(<RunsPage view={await runsView(c.env, address, c.req.query())} viewer={viewer} />),
);

pages.get("/console/runs/:run", "mcp:admin", async (c, { viewer, address, named }) => {
  const { at = "", ...chosen } = c.req.query();
  const view = await runView(c.env, address, { ...chosen, run: named, at, origin: originOf(c) });
  if (view === undefined) return renderPage({ status: 404, title: "No such run", text: "The audit has it no more." });
  return show(<RunPage view={view} viewer={viewer} />);
});

pages.get("/console/numbers", "mcp:admin", async (c, { viewer }) =>
  show(<NumbersPage view={await numbersView(c.env, c.req.query("last"))} viewer={viewer} />),
);
