/*
 * The files of a session. Their bytes travel as base64, because only text enters and leaves an isolate, and in parts, because no message
 * is longer than any other value of a session.
 */

import { apply, freeze, hasOwn, NativeError, parse, toText } from "./intrinsics.js";
import { append as add, getPrototypeOf, getterOf, min, newList } from "./methods.js";
import { OverBound } from "./over-bound.js";
import { toJsonNow } from "./result.js";
import { runtimeCall } from "./shim.js";

const { Uint8Array: Bytes, ArrayBuffer: Buffer, TextEncoder: Encoder, TextDecoder: Decoder } = globalThis;
const { fromBase64, prototype: bytesPrototype } = Bytes;
const { toBase64, subarray, set } = bytesPrototype;
const { isView } = Buffer;
const { encode } = Encoder.prototype;
const { decode } = Decoder.prototype;
const typedArray = getPrototypeOf(bytesPrototype);
const lengthOf = getterOf(typedArray, "length");
const viewBuffer = getterOf(typedArray, "buffer");
const viewOffset = getterOf(typedArray, "byteOffset");
const viewLength = getterOf(typedArray, "byteLength");
const dataBuffer = getterOf(DataView.prototype, "buffer");
const dataOffset = getterOf(DataView.prototype, "byteOffset");
const dataLength = getterOf(DataView.prototype, "byteLength");
const bufferLength = getterOf(Buffer.prototype, "byteLength");

/** Bytes that one message carries: a multiple of three, so that only the last part is padded. */
const partBytes = 192 * 1024;
/** The JSON of a value that is written as a file. */
const jsonBounds = { __proto__: null, name: "content", chars: 16 * 1024 * 1024, depth: 200 };
const readsMax = 5;

export const files = freeze({
  read: (path, options) => readFile(path, options?.as ?? "text"),
  write: (path, content) => writeFile(path, "write", content),
  append: (path, content) => writeFile(path, "append", content),
  list: (folder) => runtimeCall("files.list", [folder]),
  delete: async (path) => (await runtimeCall("files.change", [[{ __proto__: null, kind: "delete", path }]]))[0],
  stat: (path) => runtimeCall("files.stat", [path]),
  keep: (idleMs) => runtimeCall("files.keep", [idleMs]),
  change: (changes) => changeFiles(changes),
});

async function readFile(path, as) {
  const bytes = await readBytes(path);
  switch (as) {
    case "bytes":
      return bytes;
    case "base64":
      return apply(toBase64, bytes, []);
    case "json":
      return parse(textOf(bytes));
    case "text":
      return textOf(bytes);
    default:
      throw new NativeError(`files.read(path, { as }) takes "text", "bytes", "json" or "base64", not "${toText(as)}".`);
  }
}

/** Begins again if the file was replaced meanwhile. */
async function readBytes(path) {
  for (let tries = 0; tries < readsMax; tries++) {
    let whole;
    let version;
    let at = 0;
    for (;;) {
      const piece = await runtimeCall("files.read", [path, at]);
      if (whole === undefined) {
        whole = new Bytes(piece.total);
        ({ version } = piece);
      } else if (piece.version !== version) break;
      const bytes = apply(fromBase64, Bytes, [piece.base64]);
      // What was appended since the first piece is not read.
      const length = min(lengthOf(bytes), lengthOf(whole) - at);
      apply(set, whole, [apply(subarray, bytes, [0, length]), at]);
      at += length;
      if (at >= lengthOf(whole) || length === 0) return whole;
    }
  }
  throw new NativeError(`"${toText(path)}" was replaced again and again while it was read.`);
}

const textOf = (bytes) => apply(decode, new Decoder(), [bytes]);

async function writeFile(path, kind, content) {
  return (await changeFiles([{ __proto__: null, kind, path, content }]))[0];
}

/** All of them, or none. What they hold together is sent at once if it is short, and before the change if it is not. */
async function changeFiles(changes) {
  const sent = newList();
  let inlineBytes = 0;
  for (let index = 0; index < changes.length; index++) {
    const { kind, path, content } = changes[index];
    if (kind === "delete") {
      add(sent, { __proto__: null, kind, path });
      continue;
    }
    const bytes = bytesOf(content);
    inlineBytes += lengthOf(bytes);
    const isInline = inlineBytes <= partBytes / 2;
    if (!isInline) inlineBytes -= lengthOf(bytes);
    const carried = isInline
      ? { __proto__: null, base64: apply(toBase64, bytes, []) }
      : { __proto__: null, upload: await upload(bytes) };
    add(sent, { __proto__: null, kind, path, ...carried });
  }
  return runtimeCall("files.change", [apply(slice, sent, [])]);
}

const { slice } = Array.prototype;

async function upload(bytes) {
  let number = null;
  for (let at = 0; at < lengthOf(bytes); at += partBytes) {
    const part = apply(subarray, bytes, [at, at + partBytes]);
    number = await runtimeCall("files.upload", [number, apply(toBase64, part, [])]);
  }
  return number;
}

/** Text, bytes, or what a tool returned for an image, a sound or a resource; anything else is written as JSON. */
function bytesOf(content) {
  if (typeof content === "string") return apply(encode, new Encoder(), [content]);
  if (typeof content !== "object" || content === null) return jsonOf(content);
  const view = viewOf(content);
  if (view !== undefined) return view;
  const held = hasOwn(content, "resource") && content.type === "resource" ? content.resource : content;
  const isBlob = content.type === "image" || content.type === "audio";
  if (isBlob && typeof content.data === "string") return apply(fromBase64, Bytes, [content.data]);
  if (typeof held === "object" && held !== null && typeof held.uri === "string") {
    if (typeof held.blob === "string") return apply(fromBase64, Bytes, [held.blob]);
    if (typeof held.text === "string") return apply(encode, new Encoder(), [held.text]);
  }
  return jsonOf(content);
}

function viewOf(content) {
  if (isView(content)) {
    const isData = getKind(content) === undefined;
    return isData
      ? new Bytes(dataBuffer(content), dataOffset(content), dataLength(content))
      : new Bytes(viewBuffer(content), viewOffset(content), viewLength(content));
  }
  try {
    return new Bytes(content, 0, bufferLength(content));
  } catch {
    // It is no ArrayBuffer.
    return undefined;
  }
}

const getKind = getterOf(typedArray, Symbol.toStringTag);

function jsonOf(content) {
  try {
    const json = toJsonNow(content, jsonBounds);
    if (json !== undefined) return apply(encode, new Encoder(), [json]);
  } catch (error) {
    if (!(error instanceof OverBound)) throw error;
    const { chars, depth } = jsonBounds;
    throw new NativeError(
      error.report.kind === "too_deep"
        ? `The JSON of a file nests at most ${depth} levels; this nests deeper. Write JSON.stringify(value), which is text.`
        : `A file has at most ${chars} characters of JSON. Write several.`,
    );
  }
  throw new NativeError("The content of a file is text, bytes, or a value that JSON can hold.");
}
