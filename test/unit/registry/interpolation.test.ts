import { expect, test } from "vitest";
import { interpolate, interpolateRecord } from "../../../core/registry/interpolation.ts";

const environment = (name: string) => ({ TOKEN: "t0p", EMPTY: "", DOLLAR: "$& ${env:TOKEN}" })[name];

test.each([
  ["plain", "plain"],
  ["Bearer ${env:TOKEN}", "Bearer t0p"],
  ["${env:TOKEN}${env:TOKEN}", "t0pt0p"],
  ["${env:NONE:-default}", "default"],
  ["${env:NONE:-}", ""],
  ["${env:EMPTY:-default}", "default"],
  ["${env:TOKEN:-default}", "t0p"],
  ["${TOKEN} ${env:} ${env:1A} $env:TOKEN", "${TOKEN} ${env:} ${env:1A} $env:TOKEN"],
])("%j becomes %j with nothing missing", { tags: ["registry.references"] }, (text, value) => {
  expect(interpolate(text, environment)).toEqual({ value, missing: [] });
});

test("a variable that is unset or empty and has no default is missing", () => {
  expect(interpolate("a${env:NONE}b${env:EMPTY}c", environment)).toEqual({ value: "abc", missing: ["NONE", "EMPTY"] });
});

test("references in a substituted value are not resolved", () => {
  expect(interpolate("${env:DOLLAR}", environment)).toEqual({ value: "$& ${env:TOKEN}", missing: [] });
});

test("references in a record are resolved value by value, and all missing variables are named", () => {
  expect(interpolateRecord({ A: "${env:TOKEN}", "${env:TOKEN}": "x", B: "${env:NO}", C: "${env:NEITHER}" }, environment)).toEqual(
    {
      value: { A: "t0p", "${env:TOKEN}": "x", B: "", C: "" },
      missing: ["NO", "NEITHER"],
    },
  );
  expect(interpolateRecord({}, environment)).toEqual({ value: {}, missing: [] });
});

test("the orchestrator's own secrets resolve to nothing, whatever the environment holds", { tags: ["access.reserved"] }, () => {
  for (const name of [
    "AUTH_TOKEN",
    "AUTH_TOKENS",
    "JWT_ISSUER",
    "BRIDGE_TOKEN",
    "OAUTH_KEY",
    "OAUTH_PASSPHRASE",
    "oauth_key",
    "Auth_Token",
    "SANDBOX_HOST",
  ]) {
    expect(interpolate(`a\${env:${name}}b`, () => "secret")).toEqual({ value: "ab", missing: [name] });
  }
});
