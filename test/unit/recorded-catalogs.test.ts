import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { publishedServers } from "../../bench/search/servers.ts";
import { catalogIds, readCatalog } from "../fixtures/catalogs.ts";
import { neutralText, neutralTool } from "../fixtures/neutral.ts";

describe("recorded servers", () => {
  test.each(catalogIds())("%s: no text contains prose of its authors", (id) => {
    const { package: name, tools } = readCatalog(id);
    expect(tools.length).toBeGreaterThan(0);
    for (const tool of tools) expect(tool).toEqual(neutralTool(tool));
    expect(publishedServers.map((server) => `${server.package}@${server.version}`)).toContain(name);
  });
});

describe("a neutral text", () => {
  test("has the same length and no word of the original", () => {
    expect(neutralText("Counts the words of a LETTER, 3 at a time.")).toBe("Loremi psu mdolo rs i TAMETC, 3 on s ecte.");
    expect(neutralText("")).toBe("");
  });

  test("keeps punctuation, markup, emoji, line breaks and control characters", () => {
    expect(neutralText('A `tool` */ for <b>ÄÖ 中文 👩‍💻</b>\r\n- "10" of 𝒙\u2028@a\u0007')).toBe(
      'L `orem` */ ips <u>ÉÉ 文文 👩‍💻</o>\r\n- "10" rs 𠀀\u2028@t\u0007',
    );
  });

  test("does not change when it is neutralised again, and only its letters differ from the original", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const neutral = neutralText(text);
        expect(neutralText(neutral)).toBe(neutral);
        expect(neutral).toHaveLength(text.length);
        expect(neutral.replace(/\p{L}/gu, "x")).toBe(text.replace(/\p{L}/gu, "x"));
      }),
    );
  });
});

describe("a neutral tool", () => {
  test("keeps names, types and one-word values, and has no titles, descriptions or sentences", () => {
    const tool = {
      name: "send-mail",
      title: "Mail",
      description: "Sends a mail.",
      annotations: { title: "Send a mail", readOnlyHint: false },
      inputSchema: {
        type: "object",
        properties: {
          description: {
            type: "string",
            description: "What it is about.",
            default: "No subject yet",
            examples: ["Hello there", "Hi"],
          },
          title: { enum: ["To all", "To one"], default: "To all" },
          type: { const: "plain text", format: "date-time", pattern: "^a b$", default: "plain" },
          folder: { $ref: "#/$defs/Folder name", default: "/home/ada" },
        },
        required: ["description"],
        $defs: { "Folder name": { type: "string", title: "Folder" } },
      },
    };
    expect(neutralTool(tool)).toEqual({
      name: "send-mail",
      title: "Lore",
      description: "Lorem i psum.",
      annotations: { title: "Lore m ipsu", readOnlyHint: false },
      inputSchema: {
        type: "object",
        properties: {
          description: {
            type: "string",
            description: "Lore mi ps umdol.",
            default: "Lo remipsu mdo",
            examples: ["Lorem ipsum", "Hi"],
          },
          title: { enum: ["To all", "To one"], default: "To all" },
          type: { const: "plain text", format: "date-time", pattern: "^a b$", default: "plain" },
          folder: { $ref: "#/$defs/Folder name", default: "/lore/mip" },
        },
        required: ["description"],
        $defs: { "Folder name": { type: "string", title: "Loremi" } },
      },
    });
  });
});
