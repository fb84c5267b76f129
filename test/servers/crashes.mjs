import { serve, text, tool } from "./minimal-mcp.mjs";

// Exits in the middle of a call, after printing to stderr. With the argument "at_start" it exits while it starts.
if (process.argv[2] === "at_start") {
  console.error("no API key was given");
  process.exit(1);
}
serve({
  tools: [tool("crash"), tool("pid")],
  call(name) {
    if (name === "pid") return text(String(process.pid));
    console.error("out of cheese");
    process.exit(3);
  },
});
