/* console.table as a table of plain text, which models read as well as people do. */

import { format } from "./format.js";
import { keys } from "./intrinsics.js";
import { isMap, isSet } from "./kinds.js";
import {
  append,
  eachOfMap,
  eachOfSet,
  getOwnPropertyDescriptor,
  includes,
  isArray,
  joinList,
  newList,
  padEnd,
  repeat,
  sizeOfMap,
  sizeOfSet,
  splitText,
} from "./methods.js";
import { cut } from "./words.js";

const rowsMax = 100;
const columnsMax = 20;
const cellChars = 60;
const valuesColumn = "Values";

/**
 * @param {unknown} data an array, object, Map or Set; anything else prints as console.log would
 * @param {unknown} wanted names of the columns to show; all when left out
 */
export function showTable(data, wanted, chars) {
  try {
    if (isObject(data)) return layOut(rowsOf(data), wanted);
  } catch {
    // A value that cannot be read as rows is shown as a value.
  }
  return format(data, { chars });
}

/** Pairs of index and value. */
function rowsOf(data) {
  const rows = newList();
  const add = (index, value) => {
    if (rows.length < rowsMax) append(rows, { index, value });
  };
  if (isMap(data)) {
    eachOfMap(data, (value, key) => add(cellOf(key), value));
    return { rows, total: sizeOfMap(data) };
  }
  if (isSet(data)) {
    eachOfSet(data, (value) => add(`${rows.length}`, value));
    return { rows, total: sizeOfSet(data) };
  }
  if (isArray(data)) {
    for (let index = 0; index < data.length && index < rowsMax; index++) add(`${index}`, fieldOf(data, index));
    return { rows, total: data.length };
  }
  const names = keys(data);
  for (let index = 0; index < names.length && index < rowsMax; index++) add(names[index], fieldOf(data, names[index]));
  return { rows, total: names.length };
}

function layOut({ rows, total }, wanted) {
  const columns = isArray(wanted) ? wanted : columnsOf(rows);
  let hasValues = false;
  for (let row = 0; row < rows.length; row++) if (!isObject(rows[row].value)) hasValues = true;
  const lines = newList(headOf(columns, hasValues));
  for (let row = 0; row < rows.length; row++) append(lines, cellsOf(rows[row], columns, hasValues));
  const table = drawn(lines);
  return total > rows.length ? `${table}\n… ${total - rows.length} more` : table;
}

/** The fields of all rows, in the order in which they are met. */
function columnsOf(rows) {
  const columns = newList();
  for (let row = 0; row < rows.length; row++) {
    const names = isObject(rows[row].value) ? keys(rows[row].value) : newList();
    for (let index = 0; index < names.length && columns.length < columnsMax; index++) {
      if (!includes(columns, names[index])) append(columns, names[index]);
    }
  }
  return columns;
}

function headOf(columns, hasValues) {
  const names = newList("");
  for (let index = 0; index < columns.length && index < columnsMax; index++) append(names, oneCell(`${columns[index]}`));
  if (hasValues) append(names, valuesColumn);
  return names;
}

function cellsOf({ index, value }, columns, hasValues) {
  const cells = newList(oneCell(index));
  for (let column = 0; column < columns.length && column < columnsMax; column++) {
    const field = isObject(value) ? getOwnPropertyDescriptor(value, columns[column]) : undefined;
    append(cells, field === undefined ? "" : cellOf(field.value));
  }
  if (hasValues) append(cells, isObject(value) ? "" : cellOf(value));
  return cells;
}

function isObject(value) {
  return typeof value === "object" && value !== null;
}

function fieldOf(object, name) {
  return getOwnPropertyDescriptor(object, name)?.value;
}

function cellOf(value) {
  return oneCell(typeof value === "string" ? value : format(value, { chars: cellChars, depth: 1 }));
}

/** A cell stays in its line and column. */
function oneCell(text) {
  const short = text.length > cellChars ? `${cut(text, cellChars)}…` : text;
  return joinList(splitText(joinList(splitText(short, "\n"), " "), "|"), "¦");
}

function drawn(lines) {
  const widths = newList();
  for (let column = 0; column < lines[0].length; column++) {
    let width = 1;
    for (let row = 0; row < lines.length; row++) {
      if (lines[row][column].length > width) width = lines[row][column].length;
    }
    append(widths, width);
  }
  const texts = newList();
  for (let row = 0; row < lines.length; row++) {
    let text = "|";
    for (let column = 0; column < widths.length; column++) text += ` ${padEnd(lines[row][column], widths[column])} |`;
    append(texts, text);
    if (row === 0) {
      text = "|";
      for (let column = 0; column < widths.length; column++) text += `${repeat("-", widths[column] + 2)}|`;
      append(texts, text);
    }
  }
  return joinList(texts, "\n");
}
