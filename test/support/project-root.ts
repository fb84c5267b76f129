import { fileURLToPath } from "node:url";

/** The folder of the repository. The published servers are in its node_modules. */
export const projectRoot = fileURLToPath(new URL("../../", import.meta.url));
