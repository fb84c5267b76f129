/* What the command line uses and Node 20 lacks. Bundled in front of it. */
Promise.withResolvers ??= () => {
  let resolve;
  let reject;
  const promise = new Promise((...functions) => {
    [resolve, reject] = functions;
  });
  return { promise, resolve, reject };
};
