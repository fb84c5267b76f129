import { serve, text, tool } from "./minimal-mcp.mjs";

// "download" returns a log of more than five megabytes, as one text.
serve({
  tools: [tool("download")],
  call() {
    const lines = Array.from(
      { length: 180_000 },
      (_, n) => `2026-11-${String(10 + (n % 20))} GET /item/${(n * 7919) % 1000} ${200 + (n % 4)}`,
    );
    return text(`${lines.join("\n")}\n`);
  },
});
