/** More than this is not read: whoever sends it sees the connection close. */
const bytesMax = 16 * 1024 * 1024;

/**
 * Reads what is left of a body that nobody has read. Without that, workerd closes the connection as soon as the answer is sent, and a
 * client that still sends the body gets an error of its socket instead of the answer.
 */
export async function discardBody({ body, bodyUsed }: Request): Promise<void> {
  if (body === null || bodyUsed || body.locked) return;
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > bytesMax) return;
    }
  } catch {
    // The client is gone, and the answer with it.
  }
}
