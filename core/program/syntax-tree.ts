/** A node of an ESTree, as far as walking needs it; acorn numbers the characters. */
export type Node = { type: string; start: number; end: number } & Record<string, unknown>;

export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

/**
 * Visits every node below `root` with the nodes above it, nearest first, in the order of the text. `visit` returns false
 * to keep out of a node. Every child of every node: a list of node types to descend into would one day miss one.
 * Neither recursion nor spread: a program may be one array of a hundred thousand items.
 */
export function walk(root: object, visit: (node: Node, above: Above) => boolean | undefined): void {
  const pending: { value: unknown; above: Above }[] = [{ value: root, above: undefined }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value, above } = next;
    if (Array.isArray(value)) {
      for (let index = value.length - 1; index >= 0; index--) pending.push({ value: value[index], above });
    } else if (isNode(value)) {
      if (visit(value, above) === false) continue;
      const children = Object.values(value);
      for (let index = children.length - 1; index >= 0; index--) {
        pending.push({ value: children[index], above: { node: value, above } });
      }
    }
  }
}

/** A node's parent, and that one's. */
export type Above = { node: Node; above: Above } | undefined;

/** Whether an identifier stands for a variable here, and is not the name of a property. */
export function isReference(identifier: Node, parent: Node | undefined): boolean {
  switch (parent?.type) {
    case "MemberExpression":
      return parent.property !== identifier || parent.computed === true;
    case "Property":
    case "MethodDefinition":
    case "PropertyDefinition":
      // Written once, `{ a }` is read as two nodes: the value is the variable.
      return parent.key !== identifier || parent.computed === true;
    case "ImportSpecifier":
    case "ImportDefaultSpecifier":
    case "ImportNamespaceSpecifier":
    case "ImportAttribute":
    case "ExportSpecifier":
    case "ExportAllDeclaration":
    case "MetaProperty":
    case "LabeledStatement":
    case "BreakStatement":
    case "ContinueStatement":
      return false;
    default:
      return true;
  }
}
