import { createHash } from "node:crypto";
import { type ChangedTool, differenceOf } from "../core/policy/pins.ts";

/** Stands for the difference that a person saw: a tool may change again before they accept it. */
export function seenAs(change: ChangedTool): string {
  return createHash("sha256").update(differenceOf(change)).digest("hex");
}
