import { appendFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { serve, text, tool } from "./minimal-mcp.mjs";

// "work" appends a line with its id to a file when it begins, then takes some time. Work that was done twice is in the file twice.
const [file] = process.argv.slice(2);

serve({
  tools: [tool("work")],
  async call(_name, { id, ms }) {
    appendFileSync(file, `${id}\n`);
    await delay(ms);
    return text(id);
  },
});
