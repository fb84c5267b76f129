/* The sandbox as a Worker of its own: what `npm start` runs in a second process. */
export { Sandbox } from "./entrypoint.ts";

export default {
  /** Answers when the process does; the supervisor asks. */
  fetch: () => new Response("ok\n"),
};
