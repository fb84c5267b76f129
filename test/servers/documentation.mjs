import { createServer } from "node:http";
import { Readable } from "node:stream";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";

/* Stands in for Cloudflare's documentation server, which tests cannot reach: the same tool, with a page of our own words. Prints its port. */

const page = `<result>
<url>https://developers.cloudflare.com/kv/api/write-key-value-pairs/</url>
<title>Write key-value pairs</title>
<text>
put() takes the key and the value.
expirationTtl is a number of seconds from now, at least 60, after which the key is gone.
</text>
</result>`;

function createDocumentation() {
  const server = new McpServer({ name: "docs", version: "1" }, { capabilities: { tools: {} } });
  const inputSchema = z.object({ query: z.string() });
  const describe = { description: "Search the Cloudflare documentation.", inputSchema };
  server.registerTool("search_cloudflare_documentation", describe, () => ({ content: [{ type: "text", text: page }] }));
  return server;
}

const handler = createMcpHandler(createDocumentation);
const server = createServer(async (incoming, outgoing) => {
  const body = incoming.method === "POST" ? Readable.toWeb(incoming) : undefined;
  const { method, headers } = incoming;
  const response = await handler.fetch(
    new Request(new URL(incoming.url, "http://127.0.0.1"), { method, headers, body, duplex: "half" }),
  );
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body) Readable.fromWeb(response.body).pipe(outgoing);
  else outgoing.end();
});
server.listen(0, "127.0.0.1", () => console.log(`on port ${server.address().port}`));
