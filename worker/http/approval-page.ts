import { html } from "hono/html";
import { shownArguments } from "../../core/mcp/shown-arguments.ts";
import { approvalLimits } from "../../core/run/approval-limits.ts";
import type { ShownApproval } from "../../core/run/run-desk.ts";
import { escapeInvisible, oneLine, startOf, withoutInvisible } from "../../core/text.ts";
import { renderForm } from "./page.ts";

/* The page on which a person decides about calls that wait. Everything on it that a program or a server chose is escaped, and stands
 * in a box of its own, so that it cannot be taken for the page's own words. */

/** A saved program that waits for a person. All of it but the revision is the words of strangers. */
export interface ListedProposal {
  name: string;
  description: string;
  revision: number;
}

export interface Proposal extends ListedProposal {
  /** Left out: the servers that every run may use. */
  allowedMcpIds?: readonly string[];
  inputSchema: object;
  /** The source of each file, by its path. */
  files: Record<string, string>;
}

/** What a page that asks for a decision has of its visitor: worker/http/access/browser-access.ts. */
interface Visitor {
  formToken: string;
  headers: Record<string, string>;
}

interface Waiting {
  approvals: readonly ShownApproval[];
  proposals: readonly ListedProposal[];
}

export function renderApprovals({ approvals, proposals }: Waiting, headers: Record<string, string>): Promise<Response> {
  const rows = approvals.map(({ id, calls, callsOmitted }) => {
    const names = [...new Set(calls.map(({ server, tool }) => `${server}.${tool}`))].slice(0, 5).join(", ");
    return html`<li><a href="/approve/${id}">${visible(names)}</a>: ${count(calls.length + callsOmitted, "call")}</li>\n`;
  });
  const saved = proposals.map(
    ({ name, description }) =>
      html`<li><a href="/proposals/${encodeURIComponent(name)}">${name}</a>: a program to be saved. ${visible(description.slice(0, 200))}</li>\n`,
  );
  return renderForm({
    status: 200,
    title: rows.length + saved.length === 0 ? "Nothing waits for you" : "Waiting for you",
    headers,
    body: html`<ul>${rows}${saved}</ul>`,
  });
}

export function renderApproval(approval: ShownApproval, { formToken, headers }: Visitor): Promise<Response> {
  return renderForm({
    status: 200,
    title: approvalQuestion(approval),
    headers,
    body: approvalForm(approval, { formToken }),
  });
}

export function approvalQuestion({ calls }: ShownApproval): string {
  return `May a program make ${calls.length === 1 ? "this call" : `these ${calls.length} calls`}?`;
}

/**
 * Everything that is needed to decide, and the form to do it.
 * @param back the path of the page that the decision leads back to; left out, it is a page of its own
 */
export function approvalForm(approval: ShownApproval, { formToken, back }: { formToken: string; back?: string }) {
  const { calls, callsOmitted, done, expiresAt, id, files } = approval;
  return html`
<p>A program that your agent runs in session <b>${id.split(".")[0]}</b> wants to call:</p>
<ol>${calls.map(callItem)}</ol>
${callsOmitted === 0 ? "" : html`<p>${callsOmitted} more wait and are asked about after these.</p>`}
<form method="post" action="/approve/${id}">
<input type="hidden" name="form_token" value="${formToken}">
${back === undefined ? "" : html`<input type="hidden" name="back" value="${back}">`}
<input type="hidden" name="upTo" value="${calls.at(-1)?.number ?? 0}">
<p><button name="decision" value="allow" class="main">Allow ${calls.length === 1 ? "this call" : "these calls"}</button></p>
<p><button name="decision" value="allow_tools">Allow every call of ${calls.length === 1 ? "this tool" : "these tools"} by this run</button>
<label>up to <input type="number" name="callsMax" value="${approvalLimits.toolCallsMax}" min="1" max="1000000" required></label></p>
<p><button name="decision" value="deny" formnovalidate>Refuse</button></p>
</form>
<p>If you allow it, it is sent with exactly these arguments, and the program goes on. If you refuse, nothing is sent, and the program is
told so. The program waits until <time datetime="${new Date(expiresAt).toISOString()}">${new Date(expiresAt).toUTCString()}</time>.</p>
<h2>What it has done so far</h2>
${done.length === 0 ? html`<p>No call yet.</p>` : html`<ul>${done.map(({ server, tool, outcome }) => html`<li>${oneLine(`${server}.${tool}`)}: ${outcome.replace("_", " ")}</li>`)}</ul>`}
<h2>The program</h2>
${Object.entries(files).map(([path, source]) => html`<h3>${visible(path)}</h3><pre tabindex="0">${numbered(source)}</pre>`)}`;
}

/** A program that another one wants to keep as a tool. */
export function renderProposal(proposal: Proposal, { formToken, headers }: Visitor): Promise<Response> {
  const { name, description, revision, allowedMcpIds, files, inputSchema } = proposal;
  return renderForm({
    status: 200,
    title: `May ${name} be saved?`,
    headers,
    body: html`
<p>A program that your agent ran wants to keep this one as the tool <b>saved.${name}</b>, which every session of yours can call then.</p>
<p>It says of itself:</p><pre>${visible(description)}</pre>
<p>It may use ${allowedMcpIds === undefined ? "the servers that every run may use" : visible(allowedMcpIds.join(", ") || "no server")}.</p>
<form method="post">
<input type="hidden" name="form_token" value="${formToken}">
<input type="hidden" name="revision" value="${revision}">
<p><button name="decision" value="accept">Accept it</button> <button name="decision" value="reject">Reject it</button></p>
</form>
<h2>What it takes</h2><pre>${readable(JSON.stringify(inputSchema))}</pre>
<h2>The program</h2>
${Object.entries(files).map(([path, source]) => html`<h3>${visible(path)}</h3><pre>${numbered(source)}</pre>`)}`,
  });
}

function callItem({ server, tool, argsJson, reason }: ShownApproval["calls"][number]) {
  const why = reason.rule === "tools.ask" ? `its entry asks about ${reason.limit}` : "the server is of high sensitivity";
  return html`<li><b>${oneLine(`${server}.${tool}`)}</b> (${why})<pre tabindex="0">${readable(argsJson)}</pre></li>`;
}

/** A cut is said. */
function readable(argsJson: string): string {
  const { shownArgumentsChars: max } = approvalLimits;
  const text = shownArguments(argsJson, 2);
  const cut = text.length > max ? `\n… ${text.length - max} more characters, which are not shown` : "";
  return startOf(text, max) + cut;
}

/** Lines as JavaScript ends them: what follows is no part of a comment, and has a number of its own. */
function numbered(source: string): string {
  const lines = source.split(/\r\n|[\n\r\u2028\u2029]/);
  const width = String(lines.length).length;
  return lines.map((line, index) => `${String(index + 1).padStart(width)}  ${escapeInvisible(line)}`).join("\n");
}

/** Text that reads as it is: what turns the direction of writing or cannot be seen is left out. */
function visible(text: string): string {
  return withoutInvisible(text);
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
