/** The paths that a relative import may mean, the most likely first; empty for other imports. Path separators are `/`. */
export function ownFileCandidates(importer: string, specifier: string): string[] {
  if (!specifier.startsWith("./") && !specifier.startsWith("../")) return [];
  const steps = importer.split("/").slice(0, -1);
  for (const step of specifier.split("/")) {
    if (step === "..") steps.pop();
    else if (step !== ".") steps.push(step);
  }
  const path = steps.join("/");
  const withoutJs = path.replace(/\.(m?)js$/, ".$1ts");
  return [
    path,
    `${path}.ts`,
    `${path}.tsx`,
    `${path}.js`,
    `${path}.jsx`,
    `${path}.json`,
    `${path}/index.ts`,
    `${path}/index.js`,
    withoutJs,
  ];
}

/** The relative imports of a text, those of types included, as they are written. One inside a comment is among them. */
export function relativeImports(text: string): string[] {
  const written = text.matchAll(/\b(?:from|import)\s*(?:\(\s*)?["'](\.{1,2}\/[^"'\n]+)["']/g);
  return [...written].flatMap(([, specifier]) => specifier ?? []);
}
