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
 */
export async function readAllPages({ field, itemsMax, requestPage }: Paged): Promise<unknown[]> {
  const items: unknown[] = [];
  const cursors = new Set<string>();
  let params: { cursor?: string } = {};
  while (cursors.size < limits.listPagesMax && items.length < itemsMax) {
    const page = Page.parse(await requestPage(params));
    items.push(...Items.parse(page[field]));
    const { nextCursor } = page;
    if (nextCursor === undefined || cursors.has(nextCursor)) break;
    cursors.add(nextCursor);
    params = { cursor: nextCursor };
  }
  return items.slice(0, itemsMax);
}

const Page = z.looseObject({ nextCursor: z.string().min(1).optional().catch(undefined) });
const Items = z.array(z.unknown()).catch([]);
