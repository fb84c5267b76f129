/**
 * An upper estimate of what a text costs a model, without a tokenizer: those have megabytes of tables. Words cost about five letters a
 * token, what looks like an id or base64 far fewer, and rare characters two tokens each.
 */
export function tokensAtMost(text: string): number {
  let tokens = 0;
  for (const [part] of text.matchAll(parts)) tokens += costOf(part);
  return Math.ceil(tokens);
}

const parts = /[A-Za-z]+|\d+|\s+|[^\sA-Za-z\d\u0080-\uffff]+|[\u0080-\u2e7f]+|[\u2e80-\uffff]+/g;

function costOf(part: string): number {
  const first = part.charCodeAt(0);
  if (first >= 0x2e80) return part.length * 2;
  if (first > 0x7f) return part.length;
  if (/^\s/.test(part)) return part === " " ? 0 : 1;
  if (/^\d/.test(part)) return Math.ceil(part.length / 3);
  if (/^[^A-Za-z]/.test(part)) return Math.ceil(part.length / 2);
  const isWord = /^(?:[A-Z]?[a-z]+|[A-Z]{1,5})$/.test(part);
  return isWord ? Math.ceil(part.length / 5) : Math.ceil(part.length / 2);
}
