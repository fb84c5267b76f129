import type { RegistryFile } from "../registry/registry-file.ts";
import { type Check, failed, ok, warning } from "./finding.ts";

/** The problems and warnings of the registry file, with their places. */
export function registryCheck({ path, servers, problems, warnings, placeOf }: RegistryFile): Check {
  return {
    name: "registry",
    async run() {
      const at = (where: string) => {
        const { line } = placeOf(where);
        return line === undefined ? path : `${path}:${line}`;
      };
      return [
        problems.length === 0
          ? ok("registry", `${servers.length} servers in ${path}`)
          : failed(
              "registry",
              `problems: ${problems.length}; servers that can be used: ${servers.length}.`,
              `correct ${path} as follows`,
            ),
        ...problems.map((problem) => failed("registry", `${problem.path}: ${problem.message}`, `correct ${at(problem.path)}`)),
        ...warnings.map((found) => warning("registry", `${found.path}: ${found.message}`, `correct ${at(found.path)}`)),
      ];
    },
  };
}
