import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { projectRoot } from "../project-root.ts";
import { readSource, sourcesBelow } from "../sources.ts";

export interface Declared {
  name: string;
  /** Its comment, in one line. */
  words: string;
}

/** The properties of an interface, with their comments. */
export function propertiesOf(file: string, interfaceName: string): Declared[] {
  const { tree } = readSource(file, readFileSync(join(projectRoot, file), "utf8"));
  const found = tree.statements.filter(ts.isInterfaceDeclaration).find(({ name }) => name.text === interfaceName);
  if (found === undefined) throw new Error(`${file} has no interface ${interfaceName}`);
  return found.members.filter(ts.isPropertySignature).map((member) => ({
    name: member.name.getText(tree),
    words: ts
      .getJSDocCommentsAndTags(member)
      .map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? "")
      .join(" ")
      .replace(/\s+/g, " "),
  }));
}

/** Every variable that the commands read, wherever they do, but for those that npm sets for its own children. */
export function variablesOfCommands(): string[] {
  const texts = sourcesBelow("bridge").map(({ file }) => readFileSync(join(projectRoot, file), "utf8"));
  const names = texts.flatMap((text) => [...text.matchAll(/\benvironment\("(\w+)"\)/g)].map(([, name = ""]) => name));
  return [...new Set(names)].filter((name) => !name.startsWith("npm_")).sort();
}

export interface Route {
  method: string;
  path: string;
}

/**
 * The routes of the built Worker, which runs nothing when it is imported, and in place of what loads the console those that it has. Node lacks
 * only the platform's module, and text as a module.
 */
export function routesOfWorker(): Route[] {
  const folder = join(projectRoot, "dist/worker");
  const parts = readdirSync(folder).filter((file) => /^console-\w+\.mjs$/.test(file));
  if (parts.length !== 1) throw new Error(`the console is built as ${parts.join(", ") || "nothing"}`);
  const platform =
    "class Base {} export { Base as DurableObject, Base as WorkerEntrypoint, Base as RpcTarget }; export const env = {}, exports = {}, tracing = {};";
  const script = `
    import { registerHooks } from "node:module";
    registerHooks({ resolve: (name, context, next) => name.startsWith("cloudflare:")
      ? { url: ${JSON.stringify(`data:text/javascript,${platform}`)}, shortCircuit: true }
      : name.endsWith(".json") ? { url: "data:text/javascript,export default ''", shortCircuit: true } : next(name, context) });
    const { default: app } = await import(${JSON.stringify(join(folder, "index.mjs"))});
    const { pages } = await import(${JSON.stringify(join(folder, parts[0] ?? ""))});
    const routes = app.routes.map(({ method, path }) => ({ method, path }));
    console.log(JSON.stringify({ routes, pages: pages.all }));`;
  const built = execFileSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8" });
  const { routes, pages }: { routes: Route[]; pages: Route[] } = JSON.parse(built);
  const isLoader = ({ path }: Route) => path === "/" || path === "/console/*";
  const first = routes.findIndex(isLoader);
  return [...routes.slice(0, first), ...pages, ...routes.slice(first).filter((route) => !isLoader(route))];
}
