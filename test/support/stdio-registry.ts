/** Two stdio servers, and nothing that needs the network. */
export const stdioRegistry = JSON.stringify({
  servers: ["time", "grep"].map((id) => ({
    id,
    title: id,
    summary: `The ${id} server.`,
    mcp: { transport: "stdio", command: `${id}-mcp` },
  })),
});
