import { z } from "zod";
import { answerLimits } from "./answer-limits.ts";

/*
 * Images, audio and other binaries in a result. As base64 they cost thousands of tokens and no model can see them, so an image is
 * answered beside the result, and what cannot be shown stays behind a handle.
 */

/** The types that model APIs accept. A client may refuse a whole answer for another one. */
const ImageType = z.enum(["image/png", "image/jpeg", "image/gif", "image/webp"]);

export const ReturnedImage = z.object({ mimeType: ImageType, data: z.string().max(answerLimits.imageCharsMax) });
export type ReturnedImage = z.infer<typeof ReturnedImage>;

export interface WithoutMedia {
  /** The value with `{ type, mimeType, bytes }` in place of each image, and `handle: null` where something is not shown. */
  value: unknown;
  images: ReturnedImage[];
  /** Something is missing that is not shown. */
  isPartial: boolean;
}

/** Whether compact JSON may hold any. Most results are short and hold none, and need not be parsed to know it. */
export function mayHoldMedia(json: string): boolean {
  return mediaMarks.test(json);
}

/** What begins so is of that type, whatever is said of it. After RIFF and a length, WEBP tells an image from a sound. */
const signatures: readonly (readonly [start: RegExp, mimeType: string])[] = [
  [/^iVBORw0KGgo/, "image/png"],
  [/^\/9j\//, "image/jpeg"],
  [/^R0lGOD/, "image/gif"],
  [/^UklGR.{6}XRUJQ/, "image/webp"],
  [/^JVBERi0/, "application/pdf"],
  [/^UEsDB/, "application/zip"],
];
/** The start of base64 of any kind: no word is as long, and a hash has letters of one case. */
const longBase64 = /^(?=[^a-z]{0,99}[a-z])(?=[^A-Z]{0,99}[A-Z])(?=\D{0,99}\d)[\w+/-]{76}/;
const mediaMarks = /"(?:data|blob)":"|"data:|"(?:iVBORw0KGgo|\/9j\/|R0lGOD|UklGR|JVBERi0|UEsDB)|"[\w+/-]{76}/;

/** Takes the media out of a JSON value. It must not nest deeper than a result may. */
export function withoutMedia(value: unknown): WithoutMedia {
  const images: ReturnedImage[] = [];
  let chars = 0;
  let isPartial = false;

  function place({ type, mimeType, data, about }: Media): unknown {
    const bytes = Math.floor((data.length * 3) / 4) - (data.endsWith("==") ? 2 : data.endsWith("=") ? 1 : 0);
    // A client may refuse a whole answer whose image is not what it is said to be, or is none.
    const imageType = ImageType.safeParse(signedType(data));
    const isShown =
      imageType.success &&
      images.length < answerLimits.imagesShownMax &&
      data.length <= answerLimits.imageCharsMax &&
      chars + data.length <= answerLimits.imagesCharsMax;
    if (isShown) {
      images.push({ mimeType: imageType.data, data });
      chars += data.length;
      return { type: "image", ...about, mimeType: imageType.data, bytes };
    }
    // One handle is that of all of them, and only images look like those that are shown.
    const handle = isPartial && type !== "image" ? {} : { handle: null };
    isPartial = true;
    return { type, ...about, mimeType, bytes, ...handle };
  }

  function walk(item: unknown): unknown {
    if (typeof item !== "object" && typeof item !== "string") return item;
    if (item === null) return null;
    const media = typeof item === "string" ? mediaInText(item) : Array.isArray(item) ? undefined : mediaInObject(item);
    if (media !== undefined) return place(media);
    if (typeof item === "string") return item;
    return Array.isArray(item) ? walkList(item) : walkObject(item);
  }

  // What holds no media is not copied: it may be megabytes.
  function walkList(items: readonly unknown[]): unknown {
    const walked = items.map(walk);
    return walked.some((inner, at) => inner !== items[at]) ? walked : items;
  }

  function walkObject(item: object): unknown {
    const entries = Object.entries(item);
    const walked = entries.map(([key, inner]) => [key, walk(inner)] as const);
    return walked.some(([, inner], at) => inner !== entries[at]?.[1]) ? Object.fromEntries(walked) : item;
  }

  return {
    value: walk(value),
    images,
    get isPartial() {
      return isPartial;
    },
  };
}

/** The result with its handle in the places that `withoutMedia` left for it. */
export function withHandle(value: unknown, handle: string): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => withHandle(item, handle));
  const isPlace = "bytes" in value && "mimeType" in value && "handle" in value && value.handle === null;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, isPlace && key === "handle" ? handle : withHandle(item, handle)]),
  );
}

interface Media {
  type: string;
  mimeType: string;
  data: string;
  /** What else is said of it. */
  about?: { uri: string };
}

/** A content block with an image or audio, or the contents of a resource (spec: server/tools, server/resources). */
const Block = z.object({ type: z.enum(["image", "audio"]), data: z.string(), mimeType: z.string().optional() });
const Contents = z.object({ uri: z.string().optional(), mimeType: z.string().optional(), blob: z.string() });

function mediaInObject(value: object): Media | undefined {
  // Nearly all objects are neither, and there may be a million of them.
  if (!("data" in value || "blob" in value)) return undefined;
  const block = Block.safeParse(value).data;
  if (block !== undefined) {
    const data = base64Of(block.data);
    const mimeType = data && (block.mimeType ?? signedType(data));
    return data === undefined || mimeType === undefined ? undefined : { type: block.type, mimeType, data };
  }
  const contents = Contents.safeParse(value).data;
  const data = contents && base64Of(contents.blob);
  if (contents === undefined || data === undefined) return undefined;
  const { uri, mimeType = signedType(data) ?? anyBinary } = contents;
  if (data.length < answerLimits.binaryCharsMin && !/^(?:image|audio|video)\/|pdf$/.test(mimeType)) return undefined;
  return { type: "file", mimeType, data, ...(uri === undefined ? {} : { about: { uri } }) };
}

/** A data URL, bare base64 that begins like a known format, or so much of it that nobody reads it. */
function mediaInText(text: string): Media | undefined {
  const [head, mimeType] = /^data:([\w.+-]+\/[\w.+-]+);base64,/.exec(text.slice(0, urlHeadCharsMax)) ?? [];
  const type = mimeType ?? (text.length < answerLimits.binaryCharsMin ? undefined : (signedType(text) ?? anyLong(text)));
  const data = type === undefined ? undefined : base64Of(head === undefined ? text : text.slice(head.length));
  if (type === undefined || data === undefined) return undefined;
  if (data.length < answerLimits.binaryCharsMin && !ImageType.safeParse(type).success) return undefined;
  return { type: type.startsWith("image/") ? "image" : "file", mimeType: type, data };
}

const urlHeadCharsMax = 200;
const anyBinary = "application/octet-stream";

function anyLong(text: string): string | undefined {
  return text.length >= answerLimits.textBinaryCharsMin && longBase64.test(text) ? anyBinary : undefined;
}

function signedType(base64: string): string | undefined {
  return signatures.find(([start]) => start.test(base64))?.[1];
}

/** The base64 in the standard alphabet without line breaks; undefined if the text is none. */
function base64Of(text: string): string | undefined {
  const data = text.replace(/\s+/g, "").replaceAll("-", "+").replaceAll("_", "/");
  return data.length > 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(data) ? data : undefined;
}
