import { expect, test } from "vitest";
import { unreachableBecause } from "../../worker/upstream/bridges/bridge-refusal.ts";

const nobody = { connected: [], away: [] };

test.each([
  [{ name: undefined, origin: "http://127.0.0.1:8787" }, "npm start, or npm run bridge -- start --url http://127.0.0.1:8787"],
  [{ name: undefined, origin: undefined }, "npm start, or npm run bridge -- start --url <url>"],
  [{ name: "work", origin: "http://127.0.0.1:8787" }, "npm run bridge -- start --url http://127.0.0.1:8787 --session work"],
  [{ name: "work", origin: "https://mcp.example.dev" }, "npm run bridge -- start --url https://mcp.example.dev --session work"],
])("a session without a bridge is answered with the command that starts one: %j", (session, command) => {
  const { status, reason } = unreachableBecause("time", { ...nobody, session });
  expect(status).toBe("bridge_offline");
  expect(reason.endsWith(`Start it with: ${command}`)).toBe(true);
});
