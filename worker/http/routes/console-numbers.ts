import { z } from "zod";
import { trailOf } from "../../bindings.ts";
import type { NumbersView } from "../../console/numbers-page.tsx";
import type { Env } from "../env.ts";
import { collect } from "./audit.ts";

const Last = z.enum(["hour", "day", "week", "month"]).catch("day");

/** The numbers of the whole deployment, over the last hour, day, week or month. */
export async function numbersView(env: Env, last: string | undefined): Promise<NumbersView> {
  await collect(env);
  const span = Last.parse(last);
  return { span, ...(await trailOf(env).numbers(span)) };
}
