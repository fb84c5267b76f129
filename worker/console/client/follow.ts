import { readLines } from "./lines.ts";

/* Shows what a run prints, how far it is, and its answer. */

const log = element("log", HTMLElement);
const progress = element("progress", HTMLProgressElement);

/** Where the answer is shown, or why there is none. */
export const answer = element("answer", HTMLElement);

/** Resolves when the run has ended. */
export async function follow(response: Response): Promise<void> {
  for await (const line of readLines<RunLine>(response)) show(line);
}

/** Follows the run on which goes on with what is answered to a question here, instead of opening a page for it. */
export function followAnswers(follow: (ask: (signal: AbortSignal) => Promise<Response>) => Promise<void>): void {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.dataset.answers === undefined) return;
    event.preventDefault();
    const body = new FormData(form, event.submitter);
    void follow((signal) => fetch(form.action, { method: "POST", body, signal, headers: linesWanted }));
  });
}

export const linesWanted = { Accept: "application/x-ndjson" };

export function clearLog(): void {
  log.replaceChildren();
  log.hidden = true;
}

export function hideProgress(): void {
  progress.hidden = true;
}

interface RunLine {
  log?: { level: string; message: string; server?: string };
  progress?: { progress?: number; total?: number };
  /** The answer as a part of a page, in which the orchestrator has escaped what is not its own. */
  answer?: string;
  /** The token under which the run asks a person. */
  asks?: string;
}

function show(line: RunLine): void {
  if (line.log) {
    log.hidden = false;
    const row = document.createElement("div");
    row.className = `line ${line.log.level}`;
    const [origin, message] = [document.createElement("span"), document.createElement("span")];
    origin.textContent = `${line.log.server ? `[${line.log.server}] ` : ""}${line.log.level}: `;
    message.textContent = line.log.message;
    row.append(origin, message);
    log.append(row);
    log.scrollTop = log.scrollHeight;
  }
  if (line.progress) {
    progress.hidden = false;
    if (line.progress.total === undefined) progress.removeAttribute("value");
    else {
      progress.max = line.progress.total;
      progress.value = line.progress.progress ?? 0;
    }
  }
  if (line.answer !== undefined) {
    const { body } = new DOMParser().parseFromString(line.answer, "text/html");
    answer.replaceChildren(...body.childNodes);
    answer.scrollIntoView({ block: "nearest" });
  }
  // A page that watches a run gets the form with its next answer.
  if (line.asks !== undefined && !isShown(line.asks)) location.reload();
}

/** @throws Error when the page has no such element */
export function element<T extends HTMLElement>(id: string, kind: abstract new () => T): T {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`the page has no ${id}`);
}

function isShown(token: string): boolean {
  return [...document.querySelectorAll<HTMLInputElement>('[data-answers] [name="token"]')].some(({ value }) => value === token);
}
