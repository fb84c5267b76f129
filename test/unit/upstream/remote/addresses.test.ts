import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { limits } from "../../../../core/limits.ts";
import { AddressRefusal } from "../../../../core/remote/fetch.ts";
import { placeOf } from "../../../../worker/upstream/remote/transport/address.ts";
import { createCheckedFetch } from "../../../../worker/upstream/remote/transport/checked-fetch.ts";
import { serverEntry } from "../../../support/builders.ts";
import { failureOf } from "../../../support/failure.ts";
import { HttpMcp, remoteServers } from "../../../support/http-mcp.ts";

const options = { signal: new AbortController().signal, timeoutMs: 20_000 };

describe("an address", () => {
  test.each([
    "8.8.8.8",
    "[2606:4700::1111]",
    "mcp.example.com",
    "mcp.example.com.",
    "metadata.example.com",
    "localhost.example.com",
    "10.example.com",
  ])("%s lies on the internet", (host) => {
    expect(placeOf(new URL(`https://${host}/`))).toBe("public");
  });

  test.each([
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "10.1.2.3",
    "172.31.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "[::1]",
    "[fd00::1]",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "a.localhost",
    "printer.local",
    "db.internal",
    "nas.lan",
    "wiki.corp",
    "router.home",
    "kubernetes.default.svc",
    "x.localdomain",
    "nas.home.arpa",
    "redis",
  ])("%s lies inside", { tags: ["upstream.addresses"] }, (host) => {
    expect(placeOf(new URL(`https://${host}/`))).toBe("inside");
  });

  test.each([
    "0.0.0.0",
    "169.254.169.254",
    "168.63.129.16",
    "168.63.129.16.",
    "2822734096",
    "0xa83f8110",
    "0250.077.0201.020",
    "[::ffff:168.63.129.16]",
    "[64:ff9b::a83f:8110]",
    "[2002:a83f:8110::]",
    "100.100.100.200",
    "192.0.0.192",
    "[fd00:ec2::254]",
    "[fd20:ce::254]",
    "[fe80::a9fe:a9fe]",
    "metadata.azure.com",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "[::]",
    "[fe80::1]",
    "[ff02::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:8.8.8.8]",
    "[::7f00:1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "[fec0::1]",
    "[2001:db8::1]",
    "metadata",
    "metadata.google.internal",
    "instance-data",
  ])("%s is no server's", { tags: ["upstream.addresses"] }, (host) => {
    expect(placeOf(new URL(`https://${host}/`))).toBe("nowhere");
  });
});

test("a name with a quarter of a megabyte of dots in it is judged in one pass", () => {
  const dots = ".".repeat(250_000);
  expect(placeOf(new URL(`https://localhost${dots}/`))).toBe("inside");
  expect(placeOf(new URL(`https://example${dots}com/`))).toBe("public");
});

describe("a registry entry with an address inside", () => {
  const entry = (url: string) => serverEntry("notes", { mcp: { transport: "http", url, headers: {} } });

  test("is called where orchestrator and registry are one user's", async () => {
    await using server = await HttpMcp.start();
    await remoteServers({ reachesInside: true }).listTools(entry(server.url), options);
  });

  test("is refused by a deployed orchestrator, with what to do about it, and nothing is sent", {
    tags: ["upstream.addresses"],
  }, async () => {
    await using server = await HttpMcp.start();
    const failure = await failureOf(remoteServers({ reachesInside: false }).listTools(entry(server.url), options));
    expect(failure).toMatchObject({ code: "server_unavailable", delivery: "not_sent", details: { retryable: false } });
    expect(failure.message).toMatch(/^notes cannot be reached\. It names 127\.0\.0\.1:\d+, on this machine .* npm start\.$/);
    expect(server.seen).toEqual([]);
  });

  test.each(["http://169.254.169.254/latest", "http://metadata.google.internal/"])(
    "such as %s is refused even where orchestrator and registry are one user's",
    async (url) => {
      const failure = await failureOf(remoteServers({ reachesInside: true }).listTools(entry(url), options));
      expect(failure.message).toMatch(/which is not a server's address/);
    },
  );

  test.each(["ftp://example.com/", "no address", "https://user:secret-word@example.com/mcp"])(
    "that is not a usable http address is refused: %s",
    async (url) => {
      const failure = await failureOf(remoteServers().listTools(entry(url), options));
      expect(failure).toMatchObject({ code: "server_unavailable", delivery: "not_sent" });
      expect(failure.message).not.toContain("secret-word");
    },
  );
});

describe("headers of an entry", () => {
  const entry = (server: HttpMcp) =>
    serverEntry("notes", {
      mcp: { transport: "http", url: server.url, headers: { Authorization: "Bearer ${env:KEY}", "x-extra": "${env:EXTRA:-}" } },
    });

  test("are filled in at each connect with what the secret is then", { tags: ["upstream.headers"] }, async () => {
    await using server = await HttpMcp.start();
    let key = "first";
    const servers = remoteServers({ environment: (name) => (name === "KEY" ? key : undefined) });
    await servers.listTools(entry(server), options);
    key = "second";
    servers.drop("notes");
    await servers.listTools(entry(server), options);
    expect(server.of("tools/list").map(({ headers }) => headers.authorization)).toEqual(["Bearer first", "Bearer second"]);
    expect(server.seen.every(({ headers }) => !("x-extra" in headers))).toBe(true);
  });

  test("may end with a line break, as a secret from a file does", async () => {
    await using server = await HttpMcp.start();
    await remoteServers({ environment: () => "secret-word\r\n" }).listTools(entry(server), options);
    expect(server.of("tools/list")[0]?.headers.authorization).toBe("Bearer secret-word");
  });

  test.each(["secret-word\r\nx-evil: 1", "secret-word\0", "secret-wörd"])(
    "that cannot be sent are named, and not what is in them",
    { tags: ["upstream.headers"] },
    async (secret) => {
      await using server = await HttpMcp.start();
      const failure = await failureOf(remoteServers({ environment: () => secret }).listTools(entry(server), options));
      expect(failure).toMatchObject({ code: "server_unavailable", delivery: "not_sent" });
      expect(failure.message).toContain('header "Authorization"');
      expect(failure.message).not.toContain("secret-w");
      expect(server.seen).toEqual([]);
    },
  );
});

describe("a redirect", () => {
  async function serve(answer: RequestListener) {
    const seen: { url: string | undefined; method: string | undefined; headers: IncomingMessage["headers"]; body: string }[] = [];
    const server = createServer(async (request, response) => {
      const body = await text(request);
      seen.push({ url: request.url, method: request.method, headers: request.headers, body });
      answer(request, response);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    return {
      seen,
      origin: `http://127.0.0.1:${port}`,
      async [Symbol.asyncDispose]() {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  }
  const inside = createCheckedFetch({ mayReachInside: true });
  const to =
    (location: string, status = 302): RequestListener =>
    ({ url }, response) => {
      if (url === "/end") response.end("here");
      else response.writeHead(status, { location }).end();
    };

  test("within a server is followed, with everything", async () => {
    await using server = await serve(to("/end", 307));
    const response = await inside(`${server.origin}/`, { method: "POST", body: "x", headers: { authorization: "a" } });
    expect(await response.text()).toBe("here");
    expect(server.seen[1]).toMatchObject({ method: "POST", body: "x", headers: { authorization: "a" } });
  });

  test("of a POST by 303 becomes a GET without a body", async () => {
    await using server = await serve(to("/end", 303));
    await inside(`${server.origin}/`, { method: "POST", body: "x" });
    expect(server.seen[1]).toMatchObject({ method: "GET", body: "" });
  });

  test("to another server does not carry the headers", { tags: ["upstream.addresses"] }, async () => {
    await using other = await serve((_request, response) => response.end("there"));
    await using server = await serve(to(other.origin));
    const headers = { authorization: "a", cookie: "b", "x-api-key": "c", accept: "application/json" };
    expect(await (await inside(server.origin, { headers })).text()).toBe("there");
    expect(other.seen[0]?.headers).toMatchObject({ accept: "application/json" });
    for (const name of ["authorization", "cookie", "x-api-key"]) expect(other.seen[0]?.headers).not.toHaveProperty(name);
  });

  test.each([301, 302, 303, 307, 308])("to another server by %i is not followed with a body", async (status) => {
    await using other = await serve((_request, response) => response.end("there"));
    await using server = await serve(to(other.origin, status));
    await expect(inside(server.origin, { method: "POST", body: "secret" })).rejects.toThrow(AddressRefusal);
    expect(other.seen).toEqual([]);
  });

  test.each(["http://169.254.169.254/", "http://[::ffff:127.0.0.1]/", "file:///etc/passwd", "http://a:b@127.0.0.1/"])(
    "to %s is refused",
    async (target) => {
      await using server = await serve(to(target));
      await expect(inside(server.origin)).rejects.toThrow(AddressRefusal);
    },
  );

  test("follows redirectsMax redirects and refuses the next", async () => {
    let left = limits.redirectsMax;
    await using server = await serve((_request, response) => {
      if (left > 0) response.writeHead(302, { location: "/again" }).end();
      else response.end("here");
      left -= 1;
    });
    expect(await (await inside(server.origin)).text()).toBe("here");
    left = limits.redirectsMax + 1;
    await expect(inside(server.origin)).rejects.toThrow(/redirects more than/);
  });

  test("of a tool call to another server is not followed, and says where it points", async () => {
    await using other = await HttpMcp.start();
    await using server = await HttpMcp.start({
      before({ response }) {
        response.writeHead(307, { location: other.url }).end();
        return true;
      },
    });
    const entry = serverEntry("notes", { mcp: { transport: "http", url: server.url, headers: {} } });
    const failure = await failureOf(remoteServers().listTools(entry, options));
    expect(failure).toMatchObject({ code: "server_unavailable", delivery: "not_sent" });
    expect(failure.message).toContain(`it redirects to ${other.url}, another server.`);
    expect(other.seen).toEqual([]);
  });
});

test("a fetch for the outside goes to no address inside", { tags: ["upstream.addresses"] }, async () => {
  await using server = await HttpMcp.start();
  await expect(createCheckedFetch({ mayReachInside: false })(server.url)).rejects.toThrow(AddressRefusal);
  expect(server.seen).toEqual([]);
});
