/** The bundle of shell/build.ts: a megabyte and a half that most processes never need. */
let text: Promise<string> | undefined;

/** @throws Error when it was not built */
export function shellText(assets: Fetcher | undefined): Promise<string> {
  text ??= readText(assets).catch((error: unknown) => {
    text = undefined;
    throw error;
  });
  return text;
}

async function readText(assets: Fetcher | undefined): Promise<string> {
  const asset = await assets?.fetch("https://assets/shell.js");
  if (!asset?.ok) throw new Error(`the shell is not among the assets (${asset?.status}); build it with: npm run build`);
  return asset.text();
}
