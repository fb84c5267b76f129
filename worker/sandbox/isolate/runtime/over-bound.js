import { NativeError } from "./intrinsics.js";

/** Thrown when a result exceeds a bound, with the outcome to report. Not an error of the program itself. */
export class OverBound extends NativeError {
  constructor(report) {
    super(report.kind);
    this.report = report;
  }
}

export const tooLarge = () => new OverBound({ __proto__: null, kind: "too_large" });
