import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { claimStack } from "../../../bridge/local/start-claim.ts";

let folder: string;

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "mcp-claim-")), "8787");
});

afterEach(async () => {
  await rm(join(folder, ".."), { recursive: true });
});

it("gives the claim to one at a time", async () => {
  let holders = 0;
  const seen: number[] = [];
  const hold = async () => {
    await using _claim = await claimStack(folder);
    seen.push(++holders);
    await new Promise((resolve) => setTimeout(resolve, 5));
    holders -= 1;
  };
  await Promise.all([hold(), hold(), hold(), hold()]);
  expect(seen).toEqual([1, 1, 1, 1]);
});

it("takes over the claim of a process that is gone, and one that is older than any start", async () => {
  await mkdir(folder, { recursive: true });
  // No system gives out an id as high as this.
  await writeFile(join(folder, "claim"), "99999999");
  await (await claimStack(folder))[Symbol.asyncDispose]();

  await writeFile(join(folder, "claim"), String(process.pid));
  const anHourAgo = Date.now() / 1000 - 3600;
  await utimes(join(folder, "claim"), anHourAgo, anHourAgo);
  await (await claimStack(folder))[Symbol.asyncDispose]();
});

it("stops waiting when it is told to", async () => {
  await using _claim = await claimStack(folder);
  const interrupt = new AbortController();
  const waiting = claimStack(folder, interrupt.signal);
  interrupt.abort();
  await expect(waiting).rejects.toMatchObject({ code: "cancelled" });
});
