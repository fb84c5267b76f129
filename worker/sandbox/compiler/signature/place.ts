import type ts from "typescript";

export type JsonSchema = Record<string, unknown>;

/** Something that JSON cannot hold, and where it is declared. */
export class NotJson extends Error {
  override readonly name = "NotJson";
  readonly node: ts.Node;

  constructor(message: string, node: ts.Node) {
    super(message);
    this.node = node;
  }
}

/** Where a type is used: its path as messages name it, and the node to which they point. */
export interface Place {
  path: string;
  node: ts.Node;
  depth: number;
}
