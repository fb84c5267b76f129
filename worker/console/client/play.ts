import { complete } from "./completions.ts";
import { answer, clearLog, element, follow, followAnswers, hideProgress, linesWanted } from "./follow.ts";
import { type Problem, ProgramFiles } from "./play-files.ts";

/* Makes an editor of the playground's text areas, and shows a program's lines, progress and answer while it runs. */

const form = element("program", HTMLFormElement);
const cancel = element("cancel", HTMLButtonElement);
const run = form.querySelector<HTMLButtonElement>('button[value="run"]');

const files = new ProgramFiles({ form, complete, check, start: () => void start() });
cancel.hidden = false;

form.addEventListener("submit", (event) => {
  const button = event.submitter;
  const what = button instanceof HTMLButtonElement ? button.value : "run";
  files.save();
  // Keeping a program is a page of its own.
  if (what === "keep") return;
  event.preventDefault();
  if (what === "add") files.add();
  else if (what.startsWith("remove")) files.removeShown();
  else void start();
});
followAnswers(show);

let running: AbortController | undefined;

async function start(): Promise<void> {
  if (running) return;
  clearLog();
  await show((signal) => send("run", signal));
}

async function show(ask: (signal: AbortSignal) => Promise<Response>): Promise<void> {
  if (running) return;
  running = new AbortController();
  answer.textContent = "Running …";
  setRunning(true);
  cancel.onclick = () => running?.abort();
  try {
    await follow(await ask(running.signal));
  } catch (error) {
    answer.textContent = running.signal.aborted ? "Cancelled." : `The orchestrator did not answer: ${String(error)}`;
  } finally {
    running = undefined;
    setRunning(false);
  }
}

function setRunning(isRunning: boolean): void {
  if (run) run.disabled = isRunning;
  cancel.disabled = !isRunning;
  if (!isRunning) hideProgress();
}

/** What a run would refuse, at its place. */
async function check(): Promise<Problem[]> {
  const response = await send("check", new AbortController().signal);
  if (!response.ok) return [];
  const { errors }: { errors: Problem[] } = await response.json();
  return errors;
}

function send(what: "run" | "check", signal: AbortSignal): Promise<Response> {
  files.save();
  const body = new FormData(form);
  body.set("do", what);
  return fetch(form.action, { method: "POST", body, signal, headers: linesWanted });
}
