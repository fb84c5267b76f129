import { describe, expect, test } from "vitest";
import { tunnelAddress } from "../../../bridge/tunnel/address.ts";
import { UsageError } from "../../../bridge/usage-error.ts";

describe("the tunnel's address", () => {
  test.each([
    ["http://127.0.0.1:8787", undefined, "ws://127.0.0.1:8787/bridge"],
    ["http://[::1]:8787", undefined, "ws://[::1]:8787/bridge"],
    ["ws://localhost:8787", undefined, "ws://localhost:8787/bridge"],
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
    ["http://mcp.example.dev", undefined],
    ["ws://192.168.1.2:8787", undefined],
    ["http://127.0.0.1.example.dev", undefined],
  ])("is refused for %s and session %s", (url, session) => {
    expect(() => tunnelAddress({ url, session })).toThrow(UsageError);
  });

  test("that is not encrypted is refused beyond this machine, with the reason", { tags: ["access.encrypted"] }, () => {
    expect(() => tunnelAddress({ url: "http://mcp.example.dev" })).toThrow(/not encrypted.*Use https/);
  });
});
