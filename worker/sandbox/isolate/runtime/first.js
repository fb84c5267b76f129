/*
 * The isolate of a program that runs in it once, in one life and without the module runtime, as most do that are new. Every isolate
 * compiles what it is loaded with, so it is loaded with less.
 */

import { isolateWith } from "./isolate.js";

export default isolateWith({});
