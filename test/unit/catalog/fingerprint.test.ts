import { expect, test } from "vitest";
import { fingerprintOf } from "../../../core/catalog/fingerprint.ts";
import { tool } from "../../support/builders.ts";

const city = { type: "object", properties: { city: { type: "string" }, unit: { enum: ["C", "F"] } } };

test("the fingerprint of a tool is 16 hex digits and does not depend on the order of keys", () => {
  const shuffled = { properties: { unit: { enum: ["C", "F"] }, city: { type: "string" } }, type: "object" };
  const print = fingerprintOf(tool("t", { inputSchema: city }));
  expect(print).toMatch(/^[0-9a-f]{16}$/);
  expect(fingerprintOf(tool("t", { inputSchema: shuffled, description: "New words." }))).toBe(print);
});

test("the fingerprint of a tool depends on the order of an enum's values", () => {
  const reversed = { ...city, properties: { ...city.properties, unit: { enum: ["F", "C"] } } };
  expect(fingerprintOf(tool("t", { inputSchema: reversed }))).not.toBe(fingerprintOf(tool("t", { inputSchema: city })));
});
