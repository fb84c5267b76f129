import { WorkerEntrypoint } from "cloudflare:workers";
import type { TypeCheckInput } from "../../../core/program/type-checker.ts";
import { type CompilerEnv, loadCompiler } from "./compiler.ts";

const emptyProgram: TypeCheckInput = { sources: {}, links: {}, declarations: {}, tools: {}, globals: "" };

/**
 * The TypeScript compiler as a Worker entrypoint. Under `npm start` it is a process of its own: what spins or eats memory in
 * the sandbox does not keep the next program from being checked.
 */
export class Compiler extends WorkerEntrypoint<CompilerEnv> {
  /** @returns what would fail in the program, unchecked */
  check(input: TypeCheckInput): Promise<unknown> {
    return loadCompiler(this.env).check(input);
  }

  /** @returns a file as JavaScript, unchecked */
  lower(input: { file: string; source: string }): Promise<unknown> {
    return loadCompiler(this.env).lower(input);
  }

  /** Answers once programs can be checked. It loads the compiler, so that the first program need not wait. */
  override async fetch(): Promise<Response> {
    await this.check(emptyProgram);
    return new Response("ok\n");
  }
}
