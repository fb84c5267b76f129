import { fileURLToPath } from "node:url";

/** The repository's folder: the published servers are found in its node_modules. */
export const projectRoot = fileURLToPath(new URL("../../", import.meta.url));
