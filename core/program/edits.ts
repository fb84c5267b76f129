/**
 * A text inserted into a file. If several edits have the same offset, the side decides their order: `before` opens what begins
 * there, `after` closes what ends there. `over` replaces `removed` characters.
 */
export interface Edit {
  at: number;
  side: "before" | "after" | "over";
  removed: number;
  insert: string;
  /**
   * The edit is a callee. For any callee but a plain name, engines report the parenthesis after it as the position of the call.
   */
  isCallee?: boolean;
}

export const before = (at: number, insert: string): Edit => ({ at, side: "before", removed: 0, insert });
export const after = (at: number, insert: string): Edit => ({ at, side: "after", removed: 0, insert });
export const over = ({ start, end }: Span, insert: string): Edit => ({ at: start, side: "over", removed: end - start, insert });

export interface Span {
  start: number;
  end: number;
}

/** If edits share an offset, those given first are the outer ones. Replacements must not overlap. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const pieces: string[] = [];
  let done = 0;
  for (const { at, removed, insert } of inOrder(edits)) {
    pieces.push(text.slice(done, at), insert);
    done = at + removed;
  }
  pieces.push(text.slice(done));
  return pieces.join("");
}

const rank = { after: 0, before: 1, over: 2 };

/** At one offset, what ends comes before what begins; of what ends, the inner comes first. */
export function inOrder(edits: readonly Edit[]): Edit[] {
  return edits
    .map((edit, index) => ({ edit, index: edit.side === "after" ? -index : index }))
    .sort((a, b) => a.edit.at - b.edit.at || rank[a.edit.side] - rank[b.edit.side] || a.index - b.index)
    .map(({ edit }) => edit);
}

/** The line breaks in a part of a text, to keep the lines below where they are when the part goes. */
export function linesOf(text: string, { start, end }: Span): string {
  return "\n".repeat(text.slice(start, end).split("\n").length - 1);
}
