import { expect, test } from "vitest";
import { createSandboxHost } from "../../worker/sandbox/host.ts";

test("whatever is asked of a host that has ended fails with the next step, and is no fault of ours", {
  tags: ["sandbox.frozen-host"],
}, async () => {
  const host = createSandboxHost({ fetch: () => Promise.reject(new Error("No such file or directory")) });
  const gone = { code: "server_unavailable", message: expect.stringContaining("Start it again") };
  await expect(host.ensure("gone", 1_000)).rejects.toMatchObject(gone);
  await expect(host.isWell("gone")).rejects.toMatchObject(gone);
  await expect(host.replace("gone", 0)).rejects.toMatchObject(gone);
  await expect(host.renew("gone")).rejects.toMatchObject(gone);
  await expect(host.computedSince("gone", 0)).rejects.toMatchObject(gone);
  await expect(host.endingOf("gone", 0)).rejects.toMatchObject(gone);
});
