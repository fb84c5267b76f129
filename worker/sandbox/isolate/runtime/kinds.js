/* Tests for the class of an object, with the built-ins as they were before the program ran. */

import { apply } from "./intrinsics.js";

const { [Symbol.hasInstance]: hasInstance } = Function.prototype;

const isInstanceOf = (kind) => (value) => apply(hasInstance, kind, [value]);

export const isMap = isInstanceOf(Map);
export const isSet = isInstanceOf(Set);
export const isDate = isInstanceOf(Date);
export const isRegExp = isInstanceOf(RegExp);
export const isPromise = isInstanceOf(Promise);
export const isBuffer = isInstanceOf(ArrayBuffer);
export const isUrl = isInstanceOf(URL);
export const isUrlQuery = isInstanceOf(URLSearchParams);

const isWeakMap = isInstanceOf(WeakMap);
const isWeakSet = isInstanceOf(WeakSet);
export const isWeak = (value) => isWeakMap(value) || isWeakSet(value);

const isNumber = isInstanceOf(Number);
const isString = isInstanceOf(String);
const isBoolean = isInstanceOf(Boolean);
/** A primitive value as an object, `new Number(1)`. */
export const isBoxed = (value) => isNumber(value) || isString(value) || isBoolean(value);

const { isView } = ArrayBuffer;
const isDataView = isInstanceOf(DataView);
export const isTypedArray = (value) => isView(value) && !isDataView(value);
