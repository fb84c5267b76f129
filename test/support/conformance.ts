import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { z } from "zod";
import { startBackground } from "./background-process.ts";

/** One of the official conformance suite. */
export interface Scenario {
  protocol: "2025-11-25" | "2026-07-28";
  scenario: string;
  /** Checks of features that this server lacks. */
  outOfReach?: string[];
  /** Of an extension of the protocol: the suite runs it with no version of it unless it is told to. */
  isExtension?: true;
}

const Checks = z.array(z.object({ id: z.string(), status: z.string(), errorMessage: z.string().optional() }));

/** Runs it against an MCP endpoint: no check fails but those out of reach, and one at least succeeds. */
export async function conforms(url: string, { protocol, scenario, outOfReach = [], isExtension }: Scenario): Promise<void> {
  await using suite = await startBackground({
    args: (folder) => [
      "node_modules/@modelcontextprotocol/conformance/dist/index.js",
      "server",
      ...["--url", url, "--scenario", scenario, "--spec-version", protocol, "--output-dir", join(folder, "results")],
      ...(isExtension ? ["--force"] : []),
    ],
  });
  const exitCode = await suite.exited();
  const checks = await readChecks(join(suite.folder, "results"), suite.output());

  const failed = checks.filter(({ status }) => status === "FAILURE").map(({ id }) => id);
  expect(failed.sort(), suite.output()).toEqual(outOfReach);
  expect(exitCode).toBe(outOfReach.length === 0 ? 0 : 1);
  expect(checks.some(({ status }) => status === "SUCCESS")).toBe(true);
}

async function readChecks(results: string, output: string): Promise<z.infer<typeof Checks>> {
  const [folder] = await readdir(results).catch(() => []);
  if (folder === undefined) throw new Error(`The suite left no results:\n${output}`);
  return Checks.parse(JSON.parse(await readFile(join(results, folder, "checks.json"), "utf8")));
}
