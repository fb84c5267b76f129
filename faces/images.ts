import { z } from "zod";
import type { Answer, CallOptions, Image } from "./target.ts";

const Images = z.array(z.object({ mimeType: z.string(), data: z.string() })).min(1);

/** The answer of a target, with its images passed on to whoever can show them. As text they would be megabytes that no model can see. */
export function withoutImages({ images: found, ...answer }: Answer, { onImages }: Pick<CallOptions, "onImages">): Answer {
  const images = Images.safeParse(found).data;
  if (images === undefined) return answer;
  if (onImages === undefined) return { ...answer, hint: notShown };
  onImages(images);
  return answer;
}

const notShown =
  'The images of this result cannot be shown here. A program can pass them on to a tool, or keep them with `files` of "runtime".';

/** Runs a tool for a framework that can show images to its model: the answer as text, and the images beside it. */
export async function runWithImages(
  { run }: { run(input: unknown, options: CallOptions): Promise<Answer> },
  { input, ...options }: CallOptions & { input: unknown },
): Promise<{ text: string; images: Image[] }> {
  const images: Image[] = [];
  const answer = await run(input, { ...options, onImages: (found) => void images.push(...found) });
  return { text: JSON.stringify(answer), images };
}

export function dataUrlOf({ mimeType, data }: Image): string {
  return `data:${mimeType};base64,${data}`;
}
