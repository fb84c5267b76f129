#!/usr/bin/env node
/* `npx mcp-dynamic-orchestrator`: without a command it is `npm start`. */

const [first] = process.argv.slice(2);
const asksForHelp = ["--help", "-h", "--version", "-V"].includes(first);
if (first === undefined || (first.startsWith("-") && !asksForHelp)) process.argv.splice(2, 0, "local");
await import("./main.mjs");
