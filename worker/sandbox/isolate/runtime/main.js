/* The isolate of any program. */

import { files } from "./files.js";
import { isolateWith } from "./isolate.js";
import { beginAgain, endAgain, readyAgain } from "./kept.js";
import { becomeReplayable } from "./replayable.js";

export default isolateWith({ files, becomeReplayable, again: { begin: beginAgain, ready: readyAgain, end: endAgain } });
