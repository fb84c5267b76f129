import { NativeError } from "./intrinsics.js";

/** Thrown for a result over a bound, with what is reported of it: no error of the program. */
export class OverBound extends NativeError {
  constructor(report) {
    super(report.kind);
    this.report = report;
  }
}

export const tooLarge = () => new OverBound({ __proto__: null, kind: "too_large" });
