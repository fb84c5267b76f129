import { type LibraryPort, libraryOver } from "../core/saved/library-port.ts";
import { libraryVersions } from "./said-here.ts";

type Libraries = DurableObjectNamespace<{ request(json: string): string } & Rpc.DurableObjectBranded>;

/** The library of a principal, as a session sees it: each listing asks for what is new, which most often is nothing. */
export function libraryOf(libraries: Libraries, principal: string, where: { isLocal: boolean }): LibraryPort {
  const library = libraryOver(async (request) => libraries.getByName(principal).request(request));
  const isNewest = (version: number) => libraryVersions.by(principal, where) === version;
  return {
    ...library,
    since: async (version) => (version !== undefined && isNewest(version) ? undefined : library.since(version)),
  };
}
