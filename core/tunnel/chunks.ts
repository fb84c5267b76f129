/** Cuts a text into chunks of at most `charsMax` characters. Never inside a surrogate pair: a lone surrogate has no UTF-8 encoding. */
export function chunksOf(text: string, charsMax: number): string[] {
  const chunks: string[] = [];
  for (let start = 0; start < text.length; ) {
    const end = start + charsMax;
    const isInsidePair = /[\uDC00-\uDFFF]/.test(text.charAt(end)) && /[\uD800-\uDBFF]/.test(text.charAt(end - 1));
    const cut = isInsidePair ? end - 1 : end;
    chunks.push(text.slice(start, cut));
    start = cut;
  }
  return chunks;
}
