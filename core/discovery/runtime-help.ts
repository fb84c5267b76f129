/** The module runtime as `help("runtime")` describes it, like a server. The types are in the compiler's declaration. */
export const runtimeHelp = {
  id: "runtime",
  tools: [
    { name: "args", signature: "args: any", description: "What the caller passed." },
    {
      name: "session",
      signature: "session.get(key), set(key, value), delete(key), list()",
      description: "Values kept for later runs.",
    },
    { name: "results", signature: "results.get(handle)", description: "A result that was too large to be shown." },
    {
      name: "files",
      signature:
        'files.read(path, { as?: "text" | "bytes" | "json" | "base64" }), write(path, content), append(path, content), list(folder?), stat(path), delete(path), change(changes), keep(idleMs)',
      description: "Files kept for later runs. Return what write() resolves with, to return the file by reference.",
    },
    { name: "progress", signature: "progress(done, total?, message?)", description: "Tells the client how far the program is." },
    { name: "help", signature: "help(id?, { query?, tools?, detail? })", description: "Servers, and their tools." },
  ],
} as const;
