/** The JSON objects of a response that has one a line, each as soon as it has come. Empty lines only say that it goes on. */
export async function* readLines<T extends object>(response: Response): AsyncGenerator<T> {
  if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status}`);
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    rest += decoder.decode(value, { stream: !done });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") yield JSON.parse(line);
    if (done) return;
  }
}
