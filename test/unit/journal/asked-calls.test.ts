import { describe, expect, test } from "vitest";
import { AskedCalls, type PersonsDecision, type Verdict } from "../../../core/journal/asked-calls.ts";

/* Decisions that race with the calls of a program. `drop` and `read` are tools; calls have numbers in the order in which they came. */

const reason = { rule: "tools.ask", limit: "*" } as const;
const settled = () => new Promise((resolve) => setImmediate(resolve));

type Step = string[] | PersonsDecision;

/** What became of each call, and of each decision: whether it was about anything that waited. */
async function after(...steps: Step[]): Promise<{ calls: string; decisions: boolean[] }> {
  const asked = new AskedCalls();
  const calls: { tool: string; verdict?: Verdict }[] = [];
  const decisions: boolean[] = [];
  for (const step of steps) {
    if (!Array.isArray(step)) decisions.push(asked.decide(step));
    else {
      for (const tool of step) {
        const call: (typeof calls)[number] = { tool };
        calls.push(call);
        void asked.ask({ server: "far", tool, argsJson: "{}", reason }, undefined).then((verdict) => {
          call.verdict = verdict;
        });
      }
    }
    await settled();
  }
  return { calls: calls.map(({ tool, verdict = "waits" }) => `${tool} ${verdict}`).join(", "), decisions };
}

const allow = (upTo: number): PersonsDecision => ({ kind: "allow", upTo });
const deny = (upTo: number): PersonsDecision => ({ kind: "deny", upTo });
const allowTools = (upTo: number, callsMax: number): PersonsDecision => ({ kind: "allow_tools", upTo, callsMax });

describe("a decision", { tags: ["approvals.one-decision"] }, () => {
  test.each<[what: string, steps: Step[], calls: string, decisions: boolean[]]>([
    [
      "is not about an equal call that came after the page was shown",
      [["drop"], ["drop"], allow(1)],
      "drop allowed, drop waits",
      [true],
    ],
    ["that refuses is not either", [["drop"], ["drop"], deny(1)], "drop denied, drop waits", [true]],
    ["is the first of two, whatever the second says", [["drop"], deny(1), allow(1)], "drop denied", [true, false]],
    [
      "that comes again does not allow what came meanwhile",
      [["drop"], allow(1), ["drop"], allow(1)],
      "drop allowed, drop waits",
      [true, false],
    ],
    ["about calls that nobody has made is about none", [allow(7), ["drop"]], "drop waits", [false]],
    [
      "about every call of a tool is not about other tools",
      [["drop", "read"], allowTools(1, 9), ["drop", "read"]],
      "drop allowed, read waits, drop allowed, read waits",
      [true],
    ],
    [
      "about so many calls of a tool counts those that wait",
      [["drop", "drop", "drop"], allowTools(3, 2), ["drop"]],
      "drop allowed, drop allowed, drop waits, drop waits",
      [true],
    ],
    [
      "about every call of a tool covers those that came after the page was shown, up to its number",
      [["drop"], ["drop", "drop"], allowTools(1, 2), ["drop"]],
      "drop allowed, drop allowed, drop waits, drop waits",
      [true],
    ],
    [
      "that refuses is only about what it shows, after every call of the tool was allowed up to a number",
      [["drop"], allowTools(1, 1), ["drop"], deny(2), ["drop"]],
      "drop allowed, drop denied, drop waits",
      [true, true],
    ],
  ])("%s", async (_what, steps, calls, decisions) => {
    expect(await after(...steps)).toEqual({ calls, decisions });
  });
});
