/** Cuts a text into pieces of so many characters. Never halves a surrogate pair: the halves would not survive the way through UTF-8. */
export function piecesOf(text: string, charsMax: number): string[] {
  const pieces: string[] = [];
  for (let start = 0; start < text.length; ) {
    const end = start + charsMax;
    const isInsidePair = /[\uDC00-\uDFFF]/.test(text.charAt(end)) && /[\uD800-\uDBFF]/.test(text.charAt(end - 1));
    const cut = isInsidePair ? end - 1 : end;
    pieces.push(text.slice(start, cut));
    start = cut;
  }
  return pieces;
}
