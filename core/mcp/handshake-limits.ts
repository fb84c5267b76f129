/** The limits of what a server says of itself when it is connected to, as in limits.ts. */
export const handshakeLimits = {
  /** Its name, and its version. The SDK writes both into the key of its cache, each time that the server says that its tools have changed. */
  nameCharsMax: 200,
  /** Its instructions. Those of an orchestrator, which `mcp-bridge stdio` passes on, are a quarter of it. */
  instructionsCharsMax: 4_000,
} as const;
