/** @jsxImportSource hono/jsx */
import type { ViewedEntry } from "../../core/registry/registry-change.ts";
import { TextBlock } from "./text-block.tsx";
import { When } from "./when.tsx";

/** What is known of one server beyond its row. */
export interface ServerDetailsView {
  id: string;
  /** Of all sessions of this person since midnight UTC. */
  today: { calls: number; failedCalls: number };
  /** Of a server that a bridge starts: when it started last, in milliseconds since the epoch, and what it printed since. */
  start?: { at: number | undefined; printed: { first: string[]; omitted: number; last: string[] } } | undefined;
  /** Why its bridge does not say. */
  unknown?: string | undefined;
}

export function ServerDetails({ view, entry }: { view: ServerDetailsView; entry: ViewedEntry | undefined }) {
  const { id, today, start, unknown } = view;
  return (
    <tr class="details">
      <td colspan={4}>
        <p>{`Today (UTC): ${today.calls} calls, ${today.failedCalls} of them failed.`}</p>
        {unknown === undefined ? null : <p class="note">{unknown}</p>}
        {start === undefined ? null : <Start id={id} start={start} />}
        {entry === undefined ? null : <TextBlock label={`The entry of ${id}`}>{JSON.stringify(entry.entry, null, 2)}</TextBlock>}
      </td>
    </tr>
  );
}

function Start({ id, start: { at, printed } }: { id: string; start: NonNullable<ServerDetailsView["start"]> }) {
  const { first, omitted, last } = printed;
  const lines = [...first, ...(omitted === 0 ? [] : [`… ${omitted} more lines …`]), ...last];
  return (
    <>
      <p>
        {at === undefined ? "Not started yet." : "Last started "}
        {at === undefined ? null : <When at={at} />}
      </p>
      {at === undefined ? null : lines.length === 0 ? (
        <p class="note">It has printed nothing since.</p>
      ) : (
        <TextBlock label={`What ${id} has printed`}>{lines.join("\n")}</TextBlock>
      )}
    </>
  );
}
