import ts from "typescript";

/** The ways in which a program may add members to values of its own after they were declared. */
export interface Additions {
  /**
   * Whether a value may have the member although its type does not.
   * @param declaration the class or object literal of the value; left out for a built-in value
   */
  mayHave(name: string, declaration?: ts.Node): boolean;
}

/** Reads the program's own files when it is first asked. */
export function createAdditions(checker: ts.TypeChecker, files: readonly ts.SourceFile[]): Additions {
  let known: Found | undefined;
  return {
    mayHave(name, declaration) {
      known ??= read(checker, files);
      const { named, members, open } = known;
      if (named.has(name) || (declaration !== undefined && open.has(declaration))) return true;
      // A variable declared as one class may hold an object of another, which has the member.
      const others = [...(members.get(name) ?? [])].filter((owner) => owner !== declaration);
      return declaration !== undefined && others.length > 0;
    },
  };
}

interface Found {
  /** Names that are assigned, defined by their text, or members of object literals. */
  named: Set<string>;
  /** Classes that declare a member of a name. */
  members: Map<string, Set<ts.Node>>;
  /** Classes and object literals to which members are added under computed names. */
  open: Set<ts.Node>;
}

function read(checker: ts.TypeChecker, files: readonly ts.SourceFile[]): Found {
  const found: Found = { named: new Set(), members: new Map(), open: new Set() };
  const visit = (node: ts.Node): void => {
    readNode(node);
    ts.forEachChild(node, visit);
  };
  for (const file of files) visit(file);
  return found;

  function readNode(node: ts.Node): void {
    if (ts.isStringLiteralLike(node)) found.named.add(node.text);
    else if (ts.isPropertyAccessExpression(node) && isAssigned(node)) found.named.add(node.name.text);
    else if (ts.isElementAccessExpression(node) && isAssigned(node)) addOpen(node.expression);
    else if (ts.isCallExpression(node) && /^(?:Object|Reflect)\.\w/.test(node.expression.getText())) addOpen(node.arguments[0]);
    else if (ts.isNewExpression(node) && node.expression.getText() === "Proxy") addOpen(node.arguments?.[0]);
    else if (ts.isClassElement(node) || ts.isObjectLiteralElementLike(node)) addMember(node);
  }

  function addMember(node: ts.ClassElement | ts.ObjectLiteralElement): void {
    if (node.name === undefined || !ts.isIdentifier(node.name)) return;
    const { text } = node.name;
    const owners = found.members.get(text) ?? new Set();
    found.members.set(text, owners.add(node.parent));
  }

  /** `Object.keys` and the like change nothing, but what they are asked about is often enough changed by what they tell. */
  function addOpen(value: ts.Expression | undefined): void {
    const changed = value && withoutPrototype(value);
    const type = changed && checker.getApparentType(checker.getTypeAtLocation(changed));
    const declaration = type?.getSymbol()?.valueDeclaration;
    if (declaration) found.open.add(declaration);
  }
}

/** The class in `Class.prototype`, and the value in `value as any`. */
function withoutPrototype(value: ts.Expression): ts.Expression {
  const isWrapping = ts.isAsExpression(value) || ts.isParenthesizedExpression(value);
  const isPrototype = ts.isPropertyAccessExpression(value) && value.name.text === "prototype";
  return isWrapping || isPrototype ? withoutPrototype(value.expression) : value;
}

/** The left side of an assignment. */
export function isAssigned(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isAsExpression(parent) || ts.isParenthesizedExpression(parent)) return isAssigned(parent);
  return ts.isBinaryExpression(parent) && parent.left === node && parent.operatorToken.getText().endsWith("=");
}
