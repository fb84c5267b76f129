import { describe, expect, test } from "vitest";
import { tunnelAddress } from "../../../bridge/tunnel/address.ts";
import { UsageError } from "../../../bridge/usage-error.ts";

describe("the tunnel's address", () => {
  test.each([
    ["http://127.0.0.1:8787", undefined, "ws://127.0.0.1:8787/bridge"],
    ["https://mcp.example.dev/", undefined, "wss://mcp.example.dev/bridge"],
    ["https://mcp.example.dev/mcp", undefined, "wss://mcp.example.dev/bridge"],
    ["https://mcp.example.dev/s/home/mcp", undefined, "wss://mcp.example.dev/s/home/bridge"],
    ["https://mcp.example.dev", "home", "wss://mcp.example.dev/s/home/bridge"],
    ["https://mcp.example.dev", "a b", "wss://mcp.example.dev/s/a%20b/bridge"],
    ["https://user:pass@mcp.example.dev/?q#f", undefined, "wss://mcp.example.dev/bridge"],
  ])("for %s and session %s is %s", (url, session, expected) => {
    expect(tunnelAddress({ url, session }).href).toBe(expected);
  });

  test.each([
    ["not a url", undefined],
    ["ftp://example.dev", undefined],
    ["https://example.dev/s/one", "two"],
  ])("is refused for %s and session %s", (url, session) => {
    expect(() => tunnelAddress({ url, session })).toThrow(UsageError);
  });
});
