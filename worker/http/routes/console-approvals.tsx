/** @jsxImportSource hono/jsx */
import { type ChangedTool, differenceOf } from "../../../core/policy/pins.ts";
import { ApprovalsPage, type ShownChange } from "../../console/approvals-page.tsx";
import { inSession } from "../../console/shell.tsx";
import { seenAs } from "../../seen-change.ts";
import { sessionAt } from "../access/session-address.ts";
import { approvalForm, approvalQuestion } from "../approval-page.ts";
import { httpLimits } from "../http-limits.ts";
import { seeOther } from "../page.ts";
import { type ConsoleRoutes, show, textIn } from "./console-page.ts";

/**
 * What waits in all sessions of a principal, which is decided where the link of a single one leads (routes/approve.ts); and the tools
 * that have changed in this session.
 */
export function addApprovalRoutes(pages: ConsoleRoutes): void {
  pages.get("/console/approvals", "mcp:admin", async (c, { viewer, address, waiting }) => {
    const { approvals: runs, proposals } = await waiting();
    const approvals = runs.map((approval) => ({
      question: approvalQuestion(approval),
      form: approvalForm(approval, { formToken: viewer.formToken, back: inSession("/console/approvals", viewer) }),
    }));
    using desk = await sessionAt(c.env, address).approvals();
    const changed = await changedIn(desk);
    return show(
      <ApprovalsPage
        decided={c.req.query("decided") ?? ""}
        approvals={approvals}
        proposals={proposals}
        changed={changed.slice(0, httpLimits.shownChangesMax).map(shownChange)}
        changedOmitted={Math.max(0, changed.length - httpLimits.shownChangesMax)}
        viewer={viewer}
      />,
    );
  });

  pages.post("/console/changed-tools", "mcp:admin", async (c, { address, form }) => {
    const { search } = new URL(c.req.url);
    using desk = await sessionAt(c.env, address).approvals();
    const accepted = await desk.acceptTools(textIn(form, "server"), [textIn(form, "seen")]);
    const query = new URLSearchParams(search);
    query.set("decided", accepted.length > 0 ? "accept" : "changed_again");
    return seeOther(`/console/approvals?${query}`);
  });
}

/** The types of RPC have no word for the values of a schema. */
async function changedIn(desk: { changedTools(): Promise<unknown> }): Promise<ChangedTool[]> {
  return (await desk.changedTools()) as ChangedTool[];
}

function shownChange(change: ChangedTool): ShownChange {
  const { server, tool, before } = change;
  const difference = differenceOf(change);
  const isWhole = difference.length <= httpLimits.shownDifferenceChars;
  return {
    ...{ server, tool, isNew: before === undefined, isWhole },
    difference: difference.slice(0, httpLimits.shownDifferenceChars),
    seen: seenAs(change),
  };
}
