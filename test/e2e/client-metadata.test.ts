import { Client, type OAuthClientProvider, StreamableHTTPClientTransport, UnauthorizedError } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type HttpsServer, startHttpsServer } from "../support/https-server.ts";
import type { PlainWorker } from "../support/plain-worker.ts";
import { agreeToLogin, startWorkerWithLogin } from "../support/worker-with-login.ts";

/* Clients that are named by a document of theirs on the web instead of registering: the official client, and documents that lie. */

const passphrase = "a passphrase of many characters";
const redirect = "http://127.0.0.1:9/back";

let documents: HttpsServer;
let worker: PlainWorker;
/** Paths of the documents that the Worker has asked for. */
const asked: string[] = [];

beforeAll(async () => {
  documents = await startHttpsServer((request, response) => {
    asked.push(request.url ?? "");
    const clientId = `${documents.url}${request.url}`;
    const document = { client_id: clientId, client_name: "A client with a document", redirect_uris: [redirect] };
    const texts: Record<string, string> = {
      "/client.json": JSON.stringify({ ...document, token_endpoint_auth_method: "none" }),
      "/liar.json": JSON.stringify({ ...document, client_id: "https://someone-else.example/client.json" }),
      "/huge.json": JSON.stringify({ ...document, client_name: "x".repeat(10_000_000) }),
      "/text.json": "not JSON",
    };
    const text = texts[request.url ?? ""];
    response.writeHead(text === undefined ? 404 : 200, { "Content-Type": "application/json" }).end(text);
  });
  worker = await startWorkerWithLogin(passphrase, { certificate: documents.pem });
});

afterAll(async () => {
  await worker?.[Symbol.asyncDispose]();
  await documents?.[Symbol.asyncDispose]();
});

test("the official client logs in under its document, without registering", { tags: ["access.oauth"] }, async () => {
  const server = await (await fetch(`${worker.url}/.well-known/oauth-authorization-server`)).json();
  expect(server).toMatchObject({ client_id_metadata_document_supported: true });

  const provider = new Provider(`${documents.url}/client.json`);
  const first = new StreamableHTTPClientTransport(new URL(`${worker.url}/mcp`), { authProvider: provider });
  await expect(clientOf().connect(first)).rejects.toThrow(UnauthorizedError);
  const address = provider.address;
  expect(address?.searchParams.get("client_id")).toBe(`${documents.url}/client.json`);
  const page = await (await fetch(address ?? "")).text();
  expect(page).toContain("A client with a document");
  expect(page).toContain("Published by <strong>localhost</strong>");

  await first.finishAuth(new URL(await agreeToLogin(String(address), passphrase)).searchParams);
  const client = clientOf();
  await client.connect(new StreamableHTTPClientTransport(new URL(`${worker.url}/mcp`), { authProvider: provider }));
  const answer = await client.callTool({ name: "execute_mcp_code", arguments: { code: "return 6 * 7;" } });
  expect(answer.structuredContent).toMatchObject({ ok: true, result: 42 });
  await client.close();
  expect(asked).toContain("/client.json");
});

test.each(["/liar.json", "/huge.json", "/text.json", "/missing.json"])(
  "a document that is not what it must be lets nobody in: %s",
  { tags: ["access.oauth"] },
  async (path) => {
    const address = new URL(`${worker.url}/authorize`);
    address.search = new URLSearchParams({
      ...{ response_type: "code", client_id: documents.url + path, redirect_uri: redirect, state: "s" },
      ...{ code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", code_challenge_method: "S256" },
    }).toString();
    const answer = await fetch(address, { redirect: "manual" });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(await answer.text()).not.toContain('name="handle"');
    expect(answer.headers.get("Location")).toBeNull();
    expect(asked).toContain(path);
  },
);

function clientOf(): Client {
  return new Client({ name: "a-client", version: "1" }, { versionNegotiation: { mode: "auto" } });
}

/** Keeps what the client library wants kept, and the address that it would open in a browser. */
class Provider implements OAuthClientProvider {
  readonly redirectUrl = redirect;
  readonly clientMetadata = { client_name: "A client with a document", redirect_uris: [redirect] };
  readonly clientMetadataUrl: string;
  address: URL | undefined;
  #information: Awaited<ReturnType<OAuthClientProvider["clientInformation"]>>;
  #tokens: Awaited<ReturnType<OAuthClientProvider["tokens"]>>;
  #verifier = "";

  constructor(clientMetadataUrl: string) {
    this.clientMetadataUrl = clientMetadataUrl;
  }

  clientInformation() {
    return this.#information;
  }

  saveClientInformation(information: NonNullable<Awaited<ReturnType<OAuthClientProvider["clientInformation"]>>>) {
    this.#information = information;
  }

  tokens() {
    return this.#tokens;
  }

  saveTokens(tokens: NonNullable<Awaited<ReturnType<OAuthClientProvider["tokens"]>>>) {
    this.#tokens = tokens;
  }

  redirectToAuthorization(address: URL) {
    this.address = address;
  }

  saveCodeVerifier(verifier: string) {
    this.#verifier = verifier;
  }

  codeVerifier() {
    return this.#verifier;
  }
}
