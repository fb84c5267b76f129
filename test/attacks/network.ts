import { type Attack, allEnding } from "./attack.ts";

/** Ways out of the isolate. Each program returns what it reached, or "refused". */
const tries = (expression: string) =>
  `import { args } from "runtime";\nconst at = "http://127.0.0.1:" + args.listenerPort + "/";\ntry { ${expression} } catch { return "refused"; }`;

const toTheListener: Record<string, string> = {
  "fetches from this machine": `await fetch(at); return "reached";`,
  "fetches from this machine by name": `await fetch(at.replace("127.0.0.1", "localhost")); return "reached";`,
  "fetches from this machine by a short address": `await fetch(at.replace("127.0.0.1", "127.1")); return "reached";`,
  "fetches from this machine over IPv6": `await fetch(at.replace("127.0.0.1", "[::1]")); return "reached";`,
  "fetches from this machine by a number": `await fetch(at.replace("127.0.0.1", "2130706433")); return "reached";`,
  "fetches from the product itself": `await fetch("http://127.0.0.1:" + args.productPort + "/livez"); return "reached";`,
  "calls the product's own tools over HTTP": `await fetch("http://127.0.0.1:" + args.productPort + "/mcp", { method: "POST", body: "{}" }); return "reached";`,
  "fetches a cloud's metadata": `await fetch("http://169.254.169.254/latest/meta-data/"); return "reached";`,
  "fetches a page": `await fetch("https://example.com/"); return "reached";`,
  "fetches a file": `await fetch("file:///etc/passwd"); return "reached";`,
  "fetches a blob's address": `await fetch(URL.createObjectURL(new Blob(["x"]))); return "reached";`,
  "fetches through the prototype of the global scope": `await Object.getPrototypeOf(globalThis).fetch.call(globalThis, at); return "reached";`,
  "fetches with a request made before": `await fetch(new Request(at, { method: "POST", body: "x" })); return "reached";`,
  "follows a redirect of its own making": `await fetch(Response.redirect(at)); return "reached";`,
  "opens a WebSocket": `const s = new WebSocket(at.replace("http", "ws")); await new Promise((ok, no) => { s.addEventListener("open", ok); s.addEventListener("error", no); s.addEventListener("close", no); }); return "reached";`,
  "upgrades a request to a WebSocket": `await fetch(at, { headers: { Upgrade: "websocket" } }); return "reached";`,
  "opens an EventSource": `const s = new EventSource(at); await new Promise((ok, no) => { s.onopen = ok; s.onerror = no; s.onmessage = ok; }); return "reached";`,
  "asks for a path without a host": `await fetch("/livez"); return "reached";`,
  "reads the default cache": `await caches.default.match(at); return "reached";`,
  "writes the default cache": `await caches.default.put("https://example.com/", new Response("x")); return "reached";`,
  "opens a named cache": `const c = await caches.open("shared"); await c.put("https://example.com/", new Response("x")); return "reached";`,
  "loads an image through an HTML rewriter": `const text = await new HTMLRewriter().on("img", { async element(e) { await fetch(e.getAttribute("src")); } }).transform(new Response("<img src='" + at + "'>")).text(); return "reached " + text;`,
  "sends a form": `const form = new FormData(); form.set("a", "b"); await fetch(at, { method: "POST", body: form }); return "reached";`,
  "streams a body out": `const { readable, writable } = new TransformStream(); writable.getWriter().write(new Uint8Array(9)); await fetch(at, { method: "POST", body: readable, duplex: "half" }); return "reached";`,
  "connects a socket by a global": `await globalThis.connect("127.0.0.1:" + args.listenerPort).opened; return "reached";`,
  "opens an XMLHttpRequest": `const x = new globalThis["XMLHttpRequest"](); x.open("GET", at); x.send(); return "reached";`,
  "opens a WebTransport": `await new globalThis["WebTransport"](at.replace("http", "https")).ready; return "reached";`,
};

export const network: Attack[] = [
  ...allEnding(
    { result: "refused" },
    Object.fromEntries(Object.entries(toTheListener).map(([name, code]) => [name, tries(code)])),
  ),
  {
    // sendBeacon returns a boolean as usual, but the listener receives nothing.
    name: "sends a beacon",
    code: `import { args } from "runtime"; const said = navigator.sendBeacon("http://127.0.0.1:" + args.listenerPort + "/", "x"); await new Promise((r) => setTimeout(r, 50)); return typeof said;`,
    ends: { result: "boolean" },
  },
  {
    name: "fetches a data: URL",
    code: `return await (await fetch("data:text/plain,hello")).text();`,
    ends: { result: "hello" },
  },
  {
    name: "uses a MessageChannel, which reaches only itself",
    code: `const { port1, port2 } = new MessageChannel(); const heard = new Promise((r) => { port2.onmessage = (e) => r(e.data); }); port1.postMessage("self"); return [await heard, typeof BroadcastChannel];`,
    ends: { result: ["self", "undefined"] },
  },
  {
    name: "dispatches a request to its own worker",
    code: `let answered = false; addEventListener("fetch", (e) => { answered = true; e.respondWith(new Response("x")); }); try { await fetch("https://self/"); } catch {} return answered;`,
    ends: { result: false },
  },
];
