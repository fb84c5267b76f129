/* console.table as Node draws it: a row for each entry, a column for each field that any of them has. */

import { format } from "./format.js";
import { keys } from "./intrinsics.js";
import { isMap, isSet } from "./kinds.js";
import {
  append,
  eachOfMap,
  eachOfSet,
  getOwnPropertyDescriptor,
  indexOf,
  isArray,
  joinList,
  min,
  newList,
  padEnd,
  repeat,
  splitText,
} from "./methods.js";
import { cut } from "./words.js";

const rowsMax = 100;
const columnsMax = 20;
const cellChars = 60;

/** @param {unknown} data an array, object, Map or Set; anything else prints as a value */
export function showTable(data, chars) {
  try {
    if (isObject(data)) return draw(rowsOf(data));
  } catch {
    // A value that cannot be read as rows is shown as a value.
  }
  return format(data, { chars });
}

/** The first rows by name, and how many there are: a list of millions is not copied. */
function rowsOf(data) {
  if (!isMap(data) && !isSet(data) && !isArray(data)) return { title: "(index)", rows: data, total: keys(data).length };
  const rows = { __proto__: null };
  let total = 0;
  const add = (row) => {
    if (total < rowsMax) rows[total] = row;
    total += 1;
  };
  if (isMap(data)) eachOfMap(data, (Values, Key) => add({ __proto__: null, Key, Values }));
  else if (isSet(data)) eachOfSet(data, (Values) => add({ __proto__: null, Values }));
  else for (let at = 0; at < data.length && at < rowsMax; at++) add(fieldOf(data, at));
  return isArray(data) ? { title: "(index)", rows, total: data.length } : { title: "(iteration index)", rows, total };
}

function draw({ title, rows: data, total }) {
  const names = keys(data);
  const rows = min(names.length, rowsMax);
  const index = newColumn(title);
  const values = newColumn("Values");
  const columns = newList(index);
  const byName = { __proto__: null };
  for (let row = 0; row < rows; row++) {
    write(index, row, names[row]);
    const value = fieldOf(data, names[row]);
    if (!isObject(value)) write(values, row, cellOf(value));
    const fields = isObject(value) ? keys(value) : newList();
    for (let at = 0; at < fields.length; at++) {
      const name = fields[at];
      if (byName[name] === undefined && columns.length <= columnsMax) {
        byName[name] = newColumn(name);
        append(columns, byName[name]);
      }
      if (byName[name] !== undefined) write(byName[name], row, cellOf(fieldOf(value, name)));
    }
  }
  if (keys(values.cells).length > 0) append(columns, values);
  const line = (cellIn, left, between, right) => {
    const cells = newList();
    for (let at = 0; at < columns.length; at++) append(cells, cellIn(columns[at]));
    return left + joinList(cells, between) + right;
  };
  const rule = ({ width }) => repeat("─", width + 2);
  const lines = newList(
    line(rule, "┌", "┬", "┐"),
    line(({ name, width }) => padEnd(name, width), "│ ", " │ ", " │"),
  );
  append(lines, line(rule, "├", "┼", "┤"));
  for (let row = 0; row < rows; row++) {
    append(
      lines,
      line(({ cells, width }) => padEnd(cells[row] ?? "", width), "│ ", " │ ", " │"),
    );
  }
  append(lines, line(rule, "└", "┴", "┘"));
  if (total > rows) append(lines, `… ${total - rows} more`);
  return joinList(lines, "\n");
}

function newColumn(title) {
  const name = inOneLine(title);
  return { __proto__: null, name, width: name.length, cells: { __proto__: null } };
}

function write(column, row, text) {
  const cell = inOneLine(text);
  column.cells[row] = cell;
  if (cell.length > column.width) column.width = cell.length;
}

function inOneLine(text) {
  return joinList(splitText(text.length > cellChars ? `${cut(text, cellChars)}…` : text, "\n"), " ");
}

function isObject(value) {
  return typeof value === "object" && value !== null;
}

/** Undefined for a getter, which is not called. */
function fieldOf(object, name) {
  return getOwnPropertyDescriptor(object, name)?.value;
}

/** Strings in single quotes, where they need no other. */
function cellOf(value) {
  const text = format(value, { chars: cellChars, depth: 1 });
  const isPlain = typeof value === "string" && text === `"${value}"` && indexOf(value, "'") === -1;
  return isPlain ? `'${value}'` : text;
}
