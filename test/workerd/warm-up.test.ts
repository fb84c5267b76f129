import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { serverEntry } from "../support/builders.ts";
import { dial, filed, type Request, serveGreet } from "./dial.ts";

test("a bridge that connects is asked at once for the tools of its default servers, and of no others", {
  tags: ["registry.discovery"],
}, async () => {
  const session = crypto.randomUUID();
  const both = Promise.withResolvers<void>();
  const asked = new Set<string>();
  const answer = (request: Request) => {
    if (request.type === "list_tools") asked.add(request.server);
    if (asked.size === 2) both.resolve();
    return serveGreet(request);
  };
  const quiet = serverEntry("quiet", { autoDiscoverTools: false });
  const optional = serverEntry("optional", { visibility: "opt_in" });
  const sensitive = serverEntry("sensitive", { sensitivity: "high" });
  await dial(session, answer, filed(quiet, serverEntry("one"), optional, serverEntry("two"), sensitive));
  await both.promise;
  expect([...asked].sort()).toEqual(["one", "two"]);
  const listing = await env.SESSIONS.getByName(`owner/${session}`).listCapabilities({});
  expect(listing).toMatchObject({ servers: expect.arrayContaining([expect.objectContaining({ id: "one", status: "ready" })]) });
});
