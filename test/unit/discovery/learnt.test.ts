import { describe, expect, test } from "vitest";
import { serverEntry, textResult, tool } from "../../support/builders.ts";
import { FakeUpstream } from "../../support/fakes.ts";
import { startSession } from "../../support/session.ts";

const send = tool("send_note", { description: "Sends a note." });
const paint = tool("paint", { description: "Paints a wall." });
const wish = { query: "send a note to Ada" };

/** Two servers whose tools fit the wish equally well, and one whose tool has nothing to do with it. */
async function startListed({ failing = false } = {}) {
  const answers = failing ? { send_note: { ...textResult("no"), isError: true } } : {};
  const upstream = new FakeUpstream({ alpha: { tools: [send] }, beta: { tools: [send], answers }, gamma: { tools: [paint] } });
  const session = startSession({ servers: ["alpha", "beta", "gamma"].map((id) => serverEntry(id)), upstream });
  await session.orchestrator.discover(() => true);
  return session;
}

type Session = Awaited<ReturnType<typeof startListed>>;

function list({ orchestrator }: Session, input: object = wish) {
  const listing = orchestrator.listCapabilities(input);
  return "servers" in listing ? listing.servers : [];
}

const idsOf = (session: Session) => list(session).map(({ id }) => id);

describe("a tool that was called after a list", () => {
  test("comes first among equals for similar wishes, and the list says why", { tags: ["list.learnt"] }, async () => {
    const session = await startListed();
    expect(idsOf(session)).toEqual(["alpha", "beta"]);
    await session.run({ code: "return await beta.send_note({});" });
    const [first, second] = list(session, { query: "send Bob a note" });
    expect(first).toMatchObject({ id: "beta", tools: [{ name: "send_note", why: "helped before with: send note" }] });
    expect(second?.tools?.[0]).not.toHaveProperty("why");
  });

  test("comes no higher where its own words do not match", { tags: ["list.learnt"] }, async () => {
    const session = await startListed();
    list(session, { query: ["send a note to Ada", "paint the wall"] });
    await session.run({ code: "return await gamma.paint({});" });
    expect(idsOf(session)).toEqual(["alpha", "beta"]);
  });

  test("is not learnt if the call failed, or if the tool was not in the list", { tags: ["list.learnt"] }, async () => {
    const failing = await startListed({ failing: true });
    list(failing);
    await failing.run({ code: "return await beta.send_note({});" });
    expect(idsOf(failing)).toEqual(["alpha", "beta"]);
    const other = await startListed();
    list(other, { query: "paint the wall" });
    await other.run({ code: "return await beta.send_note({});" });
    expect(idsOf(other)).toEqual(["alpha", "beta"]);
  });
});
