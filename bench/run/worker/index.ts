/* The Worker in which the bench runs all contenders. */
import { Contender, Job } from "../job.ts";
import type { BenchEnv } from "./bench.ts";

export { CodemodeRuntime } from "@cloudflare/codemode";
export { Compiler } from "../../../worker/sandbox/compiler/compiler-entrypoint.ts";
export { Bench } from "./bench.ts";

export default {
  async fetch(request: Request, env: BenchEnv): Promise<Response> {
    const { pathname, searchParams: query } = new URL(request.url);
    const bench = env.BENCH.getByName(Contender.parse(query.get("contender")));
    switch (pathname) {
      case "/prepare":
        await bench.prepare(Job.parse(await request.json()));
        return Response.json({});
      case "/run":
        return Response.json(await bench.run());
      case "/waiting":
        await bench.hasWaiting(Number(query.get("runs")));
        return Response.json({});
      case "/release":
        await bench.release();
        return Response.json({});
      default:
        return new Response("not found\n", { status: 404 });
    }
  },
};
