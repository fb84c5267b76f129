import { findNodeAtLocation, type Node, parseTree } from "jsonc-parser";

/** Where a problem is, in the words of the file's author: the server by its id, and the line. */
export interface ProblemPlace {
  server?: string;
  /** Counts from 1. */
  line?: number;
}

/** Finds the places of a registry's problems. `path` is the path of a problem, such as `servers[2].mcp.command`. */
export function createProblemPlaces(text: string): (path: string) => ProblemPlace {
  let root: Node | undefined;
  return (path) => {
    root ??= parseTree(text);
    const steps = stepsOf(path);
    if (root === undefined || steps === undefined) return {};
    const node = deepest(root, steps);
    const id = findNodeAtLocation(root, [...steps.slice(0, 2), "id"])?.value;
    return {
      ...(steps.length > 1 && typeof id === "string" ? { server: id } : {}),
      line: text.slice(0, node.offset).split("\n").length,
    };
  };
}

/** Undefined for a path that is no path in the document, such as the `line:column` of a syntax error. */
function stepsOf(path: string): (string | number)[] | undefined {
  const steps = [...path.matchAll(/\[(\d+)\]|([^.[\]]+)/g)].map(([, index, name = ""]) =>
    index === undefined ? name : Number(index),
  );
  return steps[0] === "servers" ? steps : undefined;
}

/** The value that the path leads to, or the one in which what it names is missing. */
function deepest(root: Node, steps: readonly (string | number)[]): Node {
  for (let length = steps.length; length > 0; length--) {
    const node = findNodeAtLocation(root, steps.slice(0, length));
    // A property begins with its name, which is on the line that the reader looks for.
    if (node) return node.parent?.type === "property" ? node.parent : node;
  }
  return root;
}
