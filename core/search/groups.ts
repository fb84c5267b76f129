/** Reads `name: word word, name: word` over any number of lines: each word, with the names of its groups. */
export function readGroups(text: string, namesOf: (name: string, words: readonly string[]) => [word: string, name: string][]) {
  const found = new Map<string, string[]>();
  for (const group of text.split(/[,\n]/).filter((one) => one !== "")) {
    const [name = "", words = ""] = group.split(": ").map((part) => part.trim());
    for (const [word, meant] of namesOf(name, words.split(" "))) {
      const known = found.get(word);
      if (known) known.push(meant);
      else found.set(word, [meant]);
    }
  }
  return found;
}
