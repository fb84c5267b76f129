import { describe, expect, test } from "vitest";
import { untilDecided } from "../../../bridge/commands/approval-wait.ts";
import type { World } from "../../../bridge/commands/command.ts";
import type { PublicError } from "../../../core/errors.ts";

const waits: PublicError = {
  ...{ code: "approval_required", phase: "tool", message: "A person has to allow it.", retryable: true },
  ...{
    token: "a_1",
    url: "http://127.0.0.1:8787/approve/default.0",
    calls: [{ server: "vault", tool: "dr\u001bop", args: "{}" }],
  },
};

function terminal(signal = new AbortController().signal) {
  const told: string[] = [];
  const world = { isTerminal: true, writeStderr: (text: string) => told.push(text), signal } as unknown as World;
  return { told, world };
}

describe("a run that waits for a person, in a terminal", { tags: ["approvals.commands"] }, () => {
  test("is announced once, with what it wants to call, and followed to its end", async () => {
    const { told, world } = terminal();
    const answers = [{ errors: [waits] }, { errors: [] }];
    const asked: string[] = [];
    const resume = async (token: string) => {
      asked.push(token);
      return answers.shift() ?? { errors: [] };
    };
    expect(await untilDecided({ errors: [waits] }, { world, resume })).toEqual({ errors: [] });
    expect(asked).toEqual(["a_1", "a_1"]);
    expect(told).toEqual([
      "Waiting for a person to decide at http://127.0.0.1:8787/approve/default.0 or with mcp-bridge approvals allow default.0\n  vault.dr op {}\n",
    ]);
  });

  test("is left by Ctrl-C, and still waits", async () => {
    const { world } = terminal(AbortSignal.abort());
    const resume = () => Promise.reject(new Error("asked all the same"));
    await expect(untilDecided({ errors: [waits] }, { world, resume })).rejects.toThrow("its calls still wait for a person");
  });
});
