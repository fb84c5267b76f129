import { appendFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { serve, text, tool } from "./minimal-mcp.mjs";

// "work" takes some time and leaves a line with its id in a file when it begins: what was done twice stands there twice.
const [file] = process.argv.slice(2);

serve({
  tools: [tool("work")],
  async call(_name, { id, ms }) {
    appendFileSync(file, `${id}\n`);
    await delay(ms);
    return text(id);
  },
});
