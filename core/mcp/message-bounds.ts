import { hasMoreNames, hasMoreParts } from "../json.ts";
import { limits } from "../limits.ts";

/** What `hasMoreParts` of core/json.ts counts, for a message: "more than 20 objects, lists, …". */
export function moreParts(most: number): string {
  return `more than ${most} objects, lists, and names and values of fields`;
}

/** Whether the JSON of a server's answer has more parts, or more different names, than anybody reads. */
export function isLongToRead(json: string): boolean {
  return hasMoreParts(json, limits.answerPartsMax) || hasMoreNames(json, limits.answerNamesMax);
}

/** The same for a message: "more than 20 objects, lists, …". */
export const moreThanIsRead = `${moreParts(limits.answerPartsMax)}, or more than ${limits.answerNamesMax} different names`;

/** Whether the JSON of arguments, or of a request with them, has more than anybody sends. */
export function isLongToSend(json: string): boolean {
  return hasMoreParts(json, limits.argumentsPartsMax) || hasMoreNames(json, limits.argumentNamesMax);
}

export const moreThanIsSent = `${moreParts(limits.argumentsPartsMax)}, or more than ${limits.argumentNamesMax} different names`;

/** Reads after the server and the tool that answered. */
export const answeredTooManyParts = `answered ${moreThanIsRead}. Ask for less at a time.`;

/** The same of an answer that is too large for the tunnel. */
export function answeredTooMuch(size: string): string {
  return `answered ${size}; at most ${limits.frameBytesMax} bytes come through the bridge. Ask for less at a time.`;
}
