import { delimiter, join } from "node:path";
import { describe, expect, test } from "vitest";
import { planLaunch, startTimeoutOf } from "../../../bridge/stdio/launch.ts";
import { stdioLimits } from "../../../bridge/stdio/stdio-limits.ts";
import { limits } from "../../../core/limits.ts";
import { projectRoot } from "../../support/project-root.ts";
import { stdioEntry } from "../../support/stdio-entries.ts";

function plan(mcp: Parameters<typeof stdioEntry>[0], environment: Record<string, string> = {}) {
  return planLaunch({ entry: stdioEntry(mcp), environment: (name) => environment[name], projectRoot });
}

describe("the launch of a server", () => {
  test("does not pass the bridge's own variables to the server", { tags: ["bridge.environment"] }, () => {
    const { launch } = plan({ command: "x" }, { HOME: "/home/ada", BRIDGE_TOKEN: "secret", GITHUB_TOKEN: "secret" });
    expect(Object.keys(launch.env).sort()).toEqual(["HOME", "MCP_ORCHESTRATOR_BRIDGE", "PATH"]);
  });

  test("puts the project's programs and its ripgrep before the machine's PATH", () => {
    const { launch } = plan({ command: "x" }, { PATH: "/usr/bin" });
    const folders = launch.env.PATH?.split(delimiter) ?? [];
    expect(folders[0]).toBe(join(projectRoot, "node_modules", ".bin"));
    expect(folders[1]).toContain("ripgrep");
    expect(folders.slice(2)).toEqual(["/usr/bin"]);
  });

  test("puts a Node of the user's before both", () => {
    const { launch } = planLaunch({
      entry: stdioEntry({ command: "x" }),
      environment: () => undefined,
      projectRoot,
      nodeFolder: "/n",
    });
    expect(launch.env.PATH?.split(delimiter)[0]).toBe("/n");
  });

  test("passes on what the environment says of proxies, certificates and configuration folders", {
    tags: ["bridge.environment"],
  }, () => {
    const environment = {
      HTTPS_PROXY: "http://proxy.example:8080",
      no_proxy: "localhost",
      NODE_EXTRA_CA_CERTS: "/etc/company.pem",
      SSL_CERT_FILE: "/etc/certs.pem",
      SSH_AUTH_SOCK: "/run/agent",
      KUBECONFIG: "/home/ada/kube",
      XDG_CACHE_HOME: "/cache",
      ALL_PROXY: "",
    };
    expect(plan({ command: "x" }, environment).launch.env).toMatchObject(environment);
    expect(plan({ command: "x", env: { HTTPS_PROXY: "http://other:1" } }, environment).launch.env.HTTPS_PROXY).toBe(
      "http://other:1",
    );
    expect(plan({ command: "x" }, { AWS_SECRET_ACCESS_KEY: "s", NPM_TOKEN: "t" }).launch.env).not.toHaveProperty("NPM_TOKEN");
  });

  test("hides the password of a proxy in what the server says", () => {
    const { secrets } = plan(
      { command: "x" },
      { HTTPS_PROXY: "http://ada:pr0xypass@proxy.example:8080", HTTP_PROXY: "http://proxy" },
    );
    expect(secrets).toEqual([{ name: "HTTPS_PROXY", value: "pr0xypass" }]);
  });

  test("replaces references in env and args, with their defaults", () => {
    const { launch, missing } = plan(
      { command: "x", args: ["${env:ROOT:-.}", "--key=${env:KEY}"], env: { TOKEN: "${env:KEY}" } },
      { KEY: "k" },
    );
    expect(launch.args).toEqual([".", "--key=k"]);
    expect(launch.env.TOKEN).toBe("k");
    expect(missing).toEqual([]);
  });

  test("names each unset variable once", () => {
    expect(plan({ command: "x", args: ["${env:KEY}"], env: { A: "${env:KEY}", B: "${env:OTHER}" } }).missing).toEqual([
      "KEY",
      "OTHER",
    ]);
  });

  test("replaces MCP_PROJECT_ROOT with the project's folder", () => {
    expect(plan({ command: "x", args: ["${env:MCP_PROJECT_ROOT}"] }).launch.args).toEqual([projectRoot]);
  });

  test("resolves the working directory against the project's folder", () => {
    expect(plan({ command: "x" }).launch.cwd).toBe(projectRoot.replace(/\/$/, ""));
    expect(plan({ command: "x", cwd: "docs" }).launch.cwd).toBe(join(projectRoot, "docs"));
    expect(plan({ command: "x", cwd: "/tmp" }).launch.cwd).toBe("/tmp");
  });
});

describe("the time for a start", () => {
  const timeOf = (command: string, args: string[] = [], limitsOf: object = {}) =>
    startTimeoutOf({ ...stdioEntry({ command, args }), limits: limitsOf });

  test.each([
    ["npx", ["-y", "some-server"]],
    ["/usr/local/bin/uvx", ["some-server"]],
    ["C:\\Program Files\\nodejs\\npx.cmd", ["-y", "some-server"]],
    ["docker", ["run", "-i", "image"]],
    ["uv", ["run", "server.py"]],
    ["npm", ["exec", "some-server"]],
    ["sh", ["-c", "npx -y some-server"]],
  ])("is longer for %s, which installs the server first", (command, args) => {
    expect(timeOf(command, args)).toBe(limits.installedStartMs);
  });

  test.each([
    ["node", ["server.mjs"]],
    ["npm-server", []],
    ["python", ["-m", "docker_tools"]],
  ])("is the usual one for %s", (command, args) => {
    expect(timeOf(command, args)).toBe(stdioLimits.serverStartMs);
  });

  test("is that of the entry if it names one", () => {
    expect(timeOf("npx", ["-y", "some-server"], { startTimeoutMs: 5_000 })).toBe(5_000);
  });
});
