/** What to do about an error of the JSON parser, by its name. */
export const syntaxHints: Record<string, string> = {
  PropertyNameExpected: "expected a property name; remove the comma before this",
  ValueExpected: "expected a value; remove the comma before this",
  CommaExpected: "expected a comma between two entries",
  ColonExpected: 'expected ":" after the property name',
  CloseBraceExpected: 'expected "}"',
  CloseBracketExpected: 'expected "]"',
  EndOfFileExpected: "expected the end of the file here",
  InvalidCommentToken: "JSON has no comments; remove this one",
  InvalidSymbol: "not a JSON value; strings stand in double quotes",
};
