import { afterEach, describe, expect, test, vi } from "vitest";
import { ErrorCode, OrchestratorError, PublicError, toPublicError, UpstreamError } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";

describe("a failure", () => {
  const traits: Record<ErrorCode, [phase: string, retryable: boolean]> = {
    invalid_input: ["input", false],
    server_unknown: ["input", false],
    server_not_allowed: ["tool", false],
    server_unavailable: ["tool", true],
    bridge_offline: ["tool", true],
    auth_required: ["tool", false],
    tool_unknown: ["tool", false],
    tool_changed: ["tool", false],
    stale_tool: ["tool", false],
    invalid_arguments: ["tool", false],
    tool_error: ["tool", false],
    denied: ["tool", false],
    approval_required: ["tool", false],
    rate_limited: ["tool", true],
    too_many_calls: ["limit", false],
    call_timeout: ["tool", true],
    run_timeout: ["limit", false],
    cpu_limit: ["limit", false],
    memory_limit: ["limit", false],
    program_lost: ["run", true],
    output_limit: ["limit", false],
    compile_limit: ["limit", false],
    syntax_error: ["compile", false],
    type_error: ["typecheck", false],
    import_not_allowed: ["compile", false],
    uncaught_exception: ["run", false],
    cancelled: ["cancel", true],
    internal: ["run", true],
  };

  test.each(ErrorCode.options)("with code %s becomes a public error with its phase", (code) => {
    const [phase, retryable] = traits[code];
    const shown = toPublicError(new OrchestratorError(code, "What happened."));
    expect(shown).toEqual({ code, phase, retryable, message: "What happened." });
    expect(PublicError.safeParse(shown).success).toBe(true);
  });

  test("keeps its defined details, and its own phase instead of the default", () => {
    const error = new OrchestratorError("server_unavailable", "m", {
      phase: "load",
      server: "a",
      tool: undefined,
      cause: new Error("hidden"),
    });
    expect(toPublicError(error)).toEqual({
      code: "server_unavailable",
      phase: "load",
      message: "m",
      retryable: true,
      server: "a",
    });
    expect(error.cause).toBeInstanceOf(Error);
  });

  test("of an upstream becomes a public error without its delivery", () => {
    const error = new UpstreamError("call_timeout", "m", { delivery: "sent" });
    expect(error.delivery).toBe("sent");
    expect(toPublicError(error)).toEqual({ code: "call_timeout", phase: "tool", message: "m", retryable: true });
  });

  test("has a message of limited length, which may contain text of a server", () => {
    expect(toPublicError(new OrchestratorError("tool_error", "x".repeat(limits.errorCharsMax))).message).toHaveLength(
      limits.errorCharsMax,
    );
    expect(toPublicError(new OrchestratorError("tool_error", "x".repeat(1_000_000))).message).toHaveLength(
      limits.errorCharsMax + 1,
    );
  });
});

describe("a bug", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test.each([new TypeError("secret of /home/ada"), "secret text", undefined, null, { code: "tool_error", message: "secret" }])(
    "becomes an internal error, and its text goes to the log only",
    (bug) => {
      const log = vi.spyOn(console, "error").mockImplementation(() => {});
      const shown = toPublicError(bug);
      expect(shown).toMatchObject({ code: "internal", retryable: true });
      expect(JSON.stringify(shown)).not.toContain("secret");
      expect(log).toHaveBeenCalledWith({ event: "internal_error", error: bug instanceof Error ? bug.stack : String(bug) });
    },
  );
});
