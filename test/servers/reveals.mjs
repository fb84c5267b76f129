import { serve, text, tool } from "./minimal-mcp.mjs";

// Repeats the secret it was started with in every kind of text that a server can send.
const secret = process.env.API_TOKEN;
console.error(`starting with ${secret}`);

serve({
  tools: ["answer", "refuse", "crash"].map((name) => ({ ...tool(name), description: `Uses ${secret}.` })),
  call(name) {
    switch (name) {
      case "answer":
        return { ...text(`Authorization: Bearer ${secret}`), structuredContent: { nested: [{ key: secret, count: 12345678 }] } };
      case "refuse":
        return { rpcError: { code: -32000, message: `the key ${secret} is not valid` } };
      default:
        console.log(`not JSON: ${secret}`);
        console.error(`dying with ${secret}`);
        return process.exit(1);
    }
  },
});
