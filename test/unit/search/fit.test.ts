import { expect, test } from "vitest";
import { fitOf } from "../../../core/search/fit.ts";
import { SearchIndex } from "../../../core/search/index.ts";
import { parseQuery } from "../../../core/search/query.ts";
import { scoreAll } from "../../../core/search/score.ts";
import { weights } from "../../../core/search/weights.ts";
import { serverEntry, tool } from "../../support/builders.ts";

const index = new SearchIndex([serverEntry("post", { summary: "All about postcards." }), serverEntry("code")]);
index.update(0, [tool("send_letter", { description: "Sends a letter." })]);
index.update(1, [tool("merge_branches", { description: "Merges branches." })]);
const sendLetter = 1;

/** How `send_letter` fits a query if it has all of the query's words, and this share of the highest score. */
function fitAt(query: string, share: number) {
  const scores = { values: Float32Array.of(0, share), fits: Float32Array.of(0, 1), isOwn: Uint8Array.of(0, 1), whole: 1 };
  return fitOf(index, parseQuery(query, index), scores, sendLetter);
}

const below = 0.01;

test.each([
  ["send the branches", "what it shall be done to is another tool's"],
  ["please send my own branches to Ada", "it is polite"],
])("nothing fits %j, whose verb alone is found: %s", (query) => {
  expect(fitAt(query, weights.absentObject - below).isWeak).toBe(true);
  expect(fitAt(query, weights.absentObject + below).isWeak).toBe(false);
});

test.each([
  ["send the letter", "its object is found"],
  ["send the postcards", "the server is about its object"],
  ["can you send the branches", "it does not begin with its verb"],
  ["send Branches", "its object is a name"],
  ['send "the branches"', "its object is quoted"],
  ["send", "it has no object"],
])("%j may fit: %s", (query) => {
  expect(fitAt(query, below).isWeak).toBe(false);
});

test("an object that nothing mentions is named, unless the rest of the request matches well", () => {
  expect(fitAt("send my passport to Ada", weights.unknownObject - below)).toEqual({ isWeak: false, unknown: ["passport"] });
  expect(fitAt("send my passport to Ada", weights.unknownObject + below)).toEqual({ isWeak: false, unknown: [] });
});

test.each([
  ["send it with DocuSign", "docusign"],
  ["send the Zendesk letter", "zendesk"],
  ["send it to PagerDuty", "pagerduty"],
])("a service that nothing mentions is named: %s", (query, service) => {
  expect(fitAt(query, 1)).toEqual({ isWeak: false, unknown: [service] });
});

test.each(["send it on Monday", "send the Monday letter", "send it to Zaphod", 'send "the Zendesk letter"'])(
  "other names are arguments: %s",
  (query) => {
    expect(fitAt(query, 1)).toEqual({ isWeak: false, unknown: [] });
  },
);

test("names are arguments too where they are all that is missing", () => {
  const fitFor = (query: string) => scoreAll(index, parseQuery(query, index), { withServers: true }).fits[sendLetter] ?? 0;
  expect(fitFor("send a letter to Zaphod Beeblebrox")).toBeCloseTo(fitFor("send a letter"));
  expect(fitFor("send a letter to wizened penguins")).toBeLessThan(fitFor("send a letter"));
});

test("nothing fits where a server is only mentioned by one word of several, and none of its tools", () => {
  const server = 0;
  const fitOfServer = (share: number) => {
    const scores = { values: Float32Array.of(share), fits: Float32Array.of(1), isOwn: Uint8Array.of(1), whole: 1 };
    return fitOf(index, parseQuery("postcards", index), scores, server).isWeak;
  };
  expect(fitOfServer(weights.onlyServer - below)).toBe(true);
  expect(fitOfServer(weights.onlyServer + below)).toBe(false);
});
