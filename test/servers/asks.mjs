import { createServer } from "node:http";
import { Readable } from "node:stream";
import { acceptedContent, createMcpHandler, inputRequired, McpServer } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";

/*
 * Tools that ask the user a question, for both protocol versions: `stdio` (2025-11-25 for a client that sends initialize first),
 * `modern` (2026-07-28 over stdio), or `http`, which prints its port.
 */

const guest = {
  type: "object",
  properties: { name: { type: "string", description: "Who comes" }, guests: { type: "integer", minimum: 1 } },
  required: ["name"],
};
/** A field of every kind, and words that are not what they seem. */
const everyKind = {
  type: "object",
  properties: {
    name: { type: "string", title: "Your </label><script>document.title='owned'</script>name", minLength: 1 },
    mail: { type: "string", format: "email", default: "ada@example.com" },
    day: { type: "string", format: "date" },
    guests: { type: "integer", minimum: 1, default: 2 },
    isOutside: { type: "boolean", title: "Outside", default: true },
    size: { type: "string", enum: ["s", "l"], enumNames: ["Small", "\u202eegraL <b>"], default: "s" },
    room: {
      type: "string",
      title: "Room",
      oneOf: [
        { const: "a", title: "Hall" },
        { const: "b", title: "Garden" },
      ],
    },
    dishes: { type: "array", title: "Dishes", items: { type: "string", enum: ["soup", "<img src=x>"] }, default: ["soup"] },
  },
  required: ["name", "day"],
};
const text = (value) => ({ content: [{ type: "text", text: value }] });
const ask = (inputRequests, requestState) => inputRequired({ inputRequests, ...(requestState && { requestState }) });
const actionOf = (responses, key) => responses?.[key]?.action;

function createAsking() {
  const server = new McpServer({ name: "asks", version: "1" }, { capabilities: { tools: {} } });
  const tool = (name, call) =>
    server.registerTool(name, { inputSchema: z.object({ table: z.string().optional() }) }, ({ table }, context) =>
      call(context.mcpReq, table ?? "1"),
    );

  tool("book", ({ inputResponses }, table) => {
    const action = actionOf(inputResponses, "guest");
    if (action === undefined) {
      return ask({ guest: inputRequired.elicit({ message: `Who sits at table ${table}?`, requestedSchema: guest }) });
    }
    const content = acceptedContent(inputResponses, "guest");
    return text(action === "accept" ? `table ${table}: ${content.name}, ${content.guests ?? 1}` : `table ${table}: ${action}`);
  });
  tool("sign_in", ({ inputResponses }) => {
    const action = actionOf(inputResponses, "login");
    if (action === undefined) {
      return ask({ login: inputRequired.elicitUrl({ message: "Sign in to book.", url: "https://tables.example/login" }) });
    }
    return text(`signed in: ${action}`);
  });
  tool("survey", ({ inputResponses }) => {
    if (actionOf(inputResponses, "all") === undefined) {
      const message = "Fill this in.\n<img src=x onerror=\"document.title='owned'\"> \u202eesrever";
      return ask({ all: inputRequired.elicit({ message, requestedSchema: everyKind }) });
    }
    return text(JSON.stringify(inputResponses.all));
  });
  tool("menu", ({ inputResponses, requestState }) => {
    const first = requestState() ?? acceptedContent(inputResponses, "dish")?.dish;
    if (first === undefined) return ask({ dish: question("dish") });
    const second = acceptedContent(inputResponses, "drink")?.drink;
    return second === undefined ? ask({ drink: question("drink") }, first) : text(`${first} with ${second}`);
  });
  tool("walk", async (_request, table) => {
    await new Promise((resolve) => setTimeout(resolve, 700));
    return text(`walked to table ${table}`);
  });
  tool("free", (_request, table) => text(`table ${table} is free`));
  return server;
}

function question(what) {
  const requestedSchema = { type: "object", properties: { [what]: { type: "string" } }, required: [what] };
  return inputRequired.elicit({ message: `Which ${what}?`, requestedSchema });
}

switch (process.argv[2]) {
  case "stdio":
    serveStdio(createAsking);
    break;
  case "modern":
    serveStdio(createAsking, { legacy: "reject" });
    break;
  case "http": {
    const handler = createMcpHandler(createAsking);
    const server = createServer(async (incoming, outgoing) => {
      const body = incoming.method === "POST" ? Readable.toWeb(incoming) : undefined;
      const url = new URL(incoming.url, "http://127.0.0.1");
      const response = await handler.fetch(
        new Request(url, { method: incoming.method, headers: incoming.headers, body, duplex: "half" }),
      );
      outgoing.writeHead(response.status, Object.fromEntries(response.headers));
      if (response.body) Readable.fromWeb(response.body).pipe(outgoing);
      else outgoing.end();
    });
    server.listen(0, "127.0.0.1", () => console.log(`on port ${server.address().port}`));
    break;
  }
}
