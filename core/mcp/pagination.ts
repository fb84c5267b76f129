import { z } from "zod";
import { limits } from "../limits.ts";

interface Paged {
  /** The member of each page that holds the items. */
  field: string;
  itemsMax: number;
  requestPage: (params: { cursor?: string }) => Promise<unknown>;
}

/**
 * Reads every page of a list (MCP spec, server/utilities/pagination), up to the bounds. A page without a list counts as empty, and a
 * repeated cursor ends the list. The items are not validated here.
 *
 * An empty string is a cursor like any other (2026-07-28). Older servers also write it at the end of their list: then that page is
 * refused, or is the first one again, and counts for nothing.
 */
export async function readAllPages({ field, itemsMax, requestPage }: Paged): Promise<unknown[]> {
  const items: unknown[] = [];
  let first: string | undefined;
  const cursors = new Set<string>();
  let params: { cursor?: string } = {};
  while (cursors.size < limits.listPagesMax && items.length < itemsMax) {
    const answer = params.cursor === "" ? await unlessRefused(requestPage(params)) : await requestPage(params);
    // Some servers answer with the list itself.
    const page = Page.parse(Array.isArray(answer) ? { [field]: answer } : answer);
    const found = Items.parse(page[field]);
    first ??= JSON.stringify(found);
    if (params.cursor === "" && JSON.stringify(found) === first) break;
    items.push(...found.slice(0, itemsMax - items.length));
    const { nextCursor } = page;
    if (nextCursor === undefined || cursors.has(nextCursor)) break;
    cursors.add(nextCursor);
    params = { cursor: nextCursor };
  }
  return items;
}

/** The page, or an empty one if the server answered with a JSON-RPC error. */
async function unlessRefused(page: Promise<unknown>): Promise<unknown> {
  try {
    return await page;
  } catch (error) {
    if (Refusal.safeParse(error).success) return {};
    throw error;
  }
}

/** A JSON-RPC error as the SDK throws it; its other errors have codes that are words. */
const Refusal = z.object({ code: z.number() });
const Page = z.looseObject({ nextCursor: z.string().optional().catch(undefined) }).catch({ nextCursor: undefined });
/** PHP writes a list with gaps as an object. */
const Items = z.union([z.array(z.unknown()), z.record(z.string(), z.unknown()).transform(Object.values)]).catch([]);
