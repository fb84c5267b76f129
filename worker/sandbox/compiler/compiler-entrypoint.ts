import { WorkerEntrypoint } from "cloudflare:workers";
import type { TypeCheckInput } from "../../../core/program/type-checker.ts";
import { type CompilerEnv, loadCompiler } from "./compiler.ts";

const emptyProgram: TypeCheckInput = { sources: {}, links: {}, declarations: {}, tools: {}, globals: "" };

/**
 * The TypeScript compiler as a Worker entrypoint. Under `npm start` it has its own process, so that a program that blocks the
 * sandbox or exhausts its memory does not delay the check of the next one.
 */
export class Compiler extends WorkerEntrypoint<CompilerEnv> {
  /** @returns the problems that would make the program fail, not validated */
  check(input: TypeCheckInput): Promise<unknown> {
    return loadCompiler(this.env).check(input);
  }

  /** @returns a file as JavaScript, not validated */
  lower(input: { file: string; source: string }): Promise<unknown> {
    return loadCompiler(this.env).lower(input);
  }

  /** Readiness: answers when programs can be checked. Also loads the compiler, so that the first program need not wait for it. */
  override async fetch(): Promise<Response> {
    await this.check(emptyProgram);
    return new Response("ok\n");
  }
}
