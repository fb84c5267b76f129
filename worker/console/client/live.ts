import { answer, element, follow, followAnswers, hideProgress, linesWanted } from "./follow.ts";

/* Watches a run that is under way, and answers what it asks. */

let watching = new AbortController();

async function watch(ask: (signal: AbortSignal) => Promise<Response>): Promise<void> {
  const { signal } = watching;
  answer.textContent = document.querySelector("[data-answers]") ? "It waits for an answer." : "Running …";
  try {
    await follow(await ask(signal));
  } catch (error) {
    if (!signal.aborted) answer.textContent = `The orchestrator did not answer: ${String(error)}`;
  }
  if (signal.aborted) return;
  hideProgress();
  // What it asks next has a button of its own for that.
  element("cancel", HTMLFormElement).hidden = true;
}

followAnswers(async (ask) => {
  // The same run would be shown twice.
  watching.abort();
  watching = new AbortController();
  for (const form of document.querySelectorAll("[data-answers]")) form.remove();
  await watch(ask);
});
await watch((signal) => fetch(location.href, { signal, headers: linesWanted }));
