import { describe, expect, test } from "vitest";
import { answerLimits } from "../../../core/run/answer-limits.ts";
import { mayHoldMedia, withHandle, withoutMedia } from "../../../core/run/media.ts";

const png = `iVBORw0KGgo${"A".repeat(1_001)}`;
const image = { type: "image", mimeType: "image/png", data: png };
const shown = { type: "image", mimeType: "image/png", bytes: 759 };

/** Base64 without the mark of a format. */
function random(chars: number): string {
  return Array.from({ length: chars / 4 }, (_, at) => `aB${at % 10}+`).join("");
}

describe("media in a result", { tags: ["results.media"] }, () => {
  test.each([
    ["a content block", image, shown],
    ["a resource", { uri: "x://1", mimeType: "image/png", blob: png }, { ...shown, uri: "x://1" }],
    ["a data URL", `data:image/png;base64,${png}`, shown],
    ["bare base64 of a known format", png, shown],
    ["an image under a name that is none", { ...image, mimeType: "image/jpg" }, shown],
    ["an image that is said to be another", { ...image, mimeType: "image/webp" }, shown],
    [
      "an image that is said to be a file",
      { uri: "x://1", mimeType: "application/octet-stream", blob: png },
      { ...shown, uri: "x://1" },
    ],
    ["an image of which nothing is said", { type: "image", data: png }, shown],
    ["base64 with line breaks", { ...image, data: png.replace(/(.{76})/g, "$1\n") }, shown],
  ])("is shown as an image when it is %s", (_what, value, expected) => {
    expect(mayHoldMedia(JSON.stringify(value))).toBe(true);
    expect(withoutMedia({ in: [value] })).toEqual({
      value: { in: [expected] },
      images: [{ mimeType: "image/png", data: png }],
      isPartial: false,
    });
  });

  test.each([
    ["audio", { type: "audio", mimeType: "audio/wav", data: "AAA=" }, { type: "audio", mimeType: "audio/wav", bytes: 2 }],
    [
      "an image that no model reads",
      { type: "image", mimeType: "image/svg+xml", data: "PHN2Zz48L3N2Zz4=" },
      { type: "image", mimeType: "image/svg+xml", bytes: 11 },
    ],
    [
      "said to be an image and none",
      { type: "image", mimeType: "image/png", data: "AAAA" },
      { type: "image", mimeType: "image/png", bytes: 3 },
    ],
    [
      "a sound that begins like WebP",
      { type: "audio", mimeType: "audio/wav", data: btoa(`RIFF....WAVE${"a".repeat(900)}`) },
      { type: "audio", mimeType: "audio/wav", bytes: 912 },
    ],
    [
      "long base64 of anything",
      random(answerLimits.textBinaryCharsMin),
      { type: "file", mimeType: "application/octet-stream", bytes: (answerLimits.textBinaryCharsMin * 3) / 4 },
    ],
    [
      "a PDF",
      { uri: "x://2", blob: `JVBERi0${"A".repeat(1)}` },
      { type: "file", uri: "x://2", mimeType: "application/pdf", bytes: 6 },
    ],
    [
      "a large binary",
      { uri: "x://3", blob: "A".repeat(1_000) },
      { type: "file", uri: "x://3", mimeType: "application/octet-stream", bytes: 750 },
    ],
  ])("stays behind the handle when it is %s", (_what, value, expected) => {
    expect(mayHoldMedia(JSON.stringify([value]))).toBe(true);
    const { value: left, images, isPartial } = withoutMedia([value]);
    expect([left, images, isPartial]).toEqual([[{ ...expected, handle: null }], [], true]);
    expect(withHandle(left, "r_1")).toEqual([{ ...expected, handle: "r_1" }]);
  });

  test.each([
    ["a small binary", { uri: "x://4", blob: "A".repeat(996) }],
    ["data that is no base64", { ...image, data: "see above!" }],
    ["an empty image", { ...image, data: "" }],
    ["long text", "x".repeat(40_000)],
    ["long digits", "0123456789abcdef".repeat(1_000)],
    ["prose without a blank", "Chapter1,".repeat(1_000)],
    ["base64 that may be a key", random(answerLimits.textBinaryCharsMin - 4)],
    ["an image of which nothing is said, and that is none", { type: "image", data: "AAAA" }],
    ["other data", { type: "image", url: "https://a.example/b.png", data: { rows: [1, null] } }],
    ["a handle of its own", { handle: null, bytes: 1 }],
  ])("is left where it is when it is %s", (_what, value) => {
    expect(withoutMedia({ value })).toEqual({ value: { value }, images: [], isPartial: false });
    expect(withHandle({ value }, "r_1")).toEqual({ value });
  });

  test("shows the first images, up to imagesShownMax; the others stay behind the handle", () => {
    const { value, images, isPartial } = withoutMedia(Array.from({ length: answerLimits.imagesShownMax + 2 }, () => image));
    const left = { ...shown, handle: null };
    expect(images).toHaveLength(answerLimits.imagesShownMax);
    expect([...(value as unknown[]).slice(-3), isPartial]).toEqual([shown, left, left, true]);
  });

  test("names the handle once for all that is no image", () => {
    const { value } = withoutMedia([{ blob: "A".repeat(1_000) }, { blob: "A".repeat(1_000) }]);
    const file = { type: "file", mimeType: "application/octet-stream", bytes: 750 };
    expect(value).toEqual([{ ...file, handle: null }, file]);
  });
});
