/** What build.ts makes every loop and function of the shell call. */
export let pass = () => {};

export function guardWith(guard) {
  pass = guard;
}
