import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
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

/** The routes of the built Worker, which runs nothing when it is imported. Node lacks only the platform's module. */
export function routesOfWorker(): Route[] {
  const platform =
    "class Base {} export { Base as DurableObject, Base as WorkerEntrypoint, Base as RpcTarget }; export const env = {}, exports = {}, tracing = {};";
  const script = `
    import { registerHooks } from "node:module";
    registerHooks({ resolve: (name, context, next) => name.startsWith("cloudflare:")
      ? { url: ${JSON.stringify(`data:text/javascript,${platform}`)}, shortCircuit: true } : next(name, context) });
    const { default: app } = await import(${JSON.stringify(join(projectRoot, "dist/worker/index.mjs"))});
    console.log(JSON.stringify(app.routes.map(({ method, path }) => ({ method, path }))));`;
  return JSON.parse(execFileSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8" }));
}
