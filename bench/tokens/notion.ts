import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A fake of Notion's API: every search finds the same three pages, and every write succeeds. */
export interface NotionApi extends AsyncDisposable {
  url: string;
}

const pages = ["Offsite in June", "Hiring plan", "Offsite budget"].map((title, at) => ({
  object: "page",
  id: `00000000-0000-4000-8000-00000000000${at}`,
  created_time: "2026-05-01T08:00:00.000Z",
  last_edited_time: `2026-06-0${at + 1}T08:00:00.000Z`,
  archived: false,
  properties: { title: { id: "title", type: "title", title: [{ type: "text", plain_text: title, text: { content: title } }] } },
  url: `https://www.notion.so/${at}`,
}));

export async function startNotionApi(): Promise<NotionApi> {
  const server = createServer((request, response) => {
    const isSearch = request.url?.endsWith("/search") ?? false;
    const answer = isSearch ? { object: "list", results: pages, has_more: false, next_cursor: null } : pages[0];
    response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(answer));
    request.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
