/** A node of an ESTree, as far as walking needs it; acorn adds `start` and `end`, in characters. */
export type Node = { type: string; start: number; end: number } & Record<string, unknown>;

export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

/**
 * Visits `root` and every node below it in source order, with the node's ancestors, nearest first. `visit` returns false to skip
 * a node's children. Visits all properties of all nodes, because a list of node types to descend into could miss one. Uses
 * neither recursion nor spread, because a program may be one array of a hundred thousand items.
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

/** A node's ancestors: its parent, and the parent's own. */
export type Above = { node: Node; above: Above } | undefined;

/** Whether an identifier is a reference to a variable, rather than the name of a property. */
export function isReference(identifier: Node, parent: Node | undefined): boolean {
  switch (parent?.type) {
    case "MemberExpression":
      return parent.property !== identifier || parent.computed === true;
    case "Property":
    case "MethodDefinition":
    case "PropertyDefinition":
      // The shorthand `{ a }` has two nodes; the value is the variable.
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
