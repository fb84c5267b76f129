/* Lays out the parts of a printed value in lines. */

import { append, joinList, matchIn, newList, splitText } from "./methods.js";

/** A wider value is broken into several lines. */
const lineChars = 100;

/** All items on one line if they fit. Otherwise one item per line, or several per line if all are short. */
export function group(open, items, close) {
  if (items.length === 0) return `${open}${close}`;
  const pad = open === "[" ? "" : " ";
  let isShort = items.length > 6;
  let chars = 0;
  for (let index = 0; index < items.length; index++) {
    const item = items[index];
    chars += matchIn(/\n/, item) ? lineChars : item.length + 2;
    if (item.length > 20) isShort = false;
  }
  if (chars <= lineChars - 2) return open + pad + joinList(items, ", ") + pad + close;
  const rows = isShort ? rowsOf(items) : items;
  let text = open;
  for (let index = 0; index < rows.length; index++) {
    text += `\n  ${joinList(splitText(rows[index], "\n"), "\n  ")}${index + 1 < rows.length ? "," : ""}`;
  }
  return `${text}\n${close}`;
}

function rowsOf(items) {
  const rows = newList();
  let row = "";
  for (let index = 0; index < items.length; index++) {
    if (row !== "" && row.length + items[index].length > lineChars - 4) {
      append(rows, row);
      row = "";
    }
    row += row === "" ? items[index] : `, ${items[index]}`;
  }
  append(rows, row);
  return rows;
}
