import { Buffer as NodeBuffer } from "node:buffer";

/** For packages that expect it among the globals, where an isolate has none. */
export const Buffer = NodeBuffer;
