/** A table `name name: word word, name: word`: what `meant` makes of each of its groups. */
export function readGroups(table: string, meant: (names: string[], words: string[]) => [key: string, value: string][]) {
  const found = new Map<string, string[]>();
  for (const group of table.split(",")) {
    const [names = [], words = []] = group.split(":").map((part) => part.trim().split(/\s+/));
    for (const [key, value] of meant(names, words)) {
      const known = found.get(key);
      if (known === undefined) found.set(key, [value]);
      else if (!known.includes(value)) known.push(value);
    }
  }
  return found;
}
