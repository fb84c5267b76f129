import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The browser of this machine, if it has one: Debian calls it chromium. */
export const chromium = (process.env.PATH ?? "")
  .split(delimiter)
  .flatMap((folder) => ["chromium", "chromium-browser", "google-chrome"].map((name) => join(folder, name)))
  .find((path) => existsSync(path));
