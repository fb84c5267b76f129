import { expect, test } from "vitest";
import { mainConfig } from "../../../bridge/local/workerd-config.ts";

test("a name that resolves to the host's own services is refused where workerd connects", {
  tags: ["upstream.addresses"],
}, () => {
  const config = mainConfig({
    ...{ port: 1, compatibilityDate: "2026-11-01", modules: ["a"], storage: "b", registry: "c", assets: "d" },
    ...{ secrets: new Map(), entrypoints: {}, certificates: [] },
  });
  const denied = /deny = \[([^\]]*)\]/.exec(config)?.[1] ?? "";
  for (const network of ["169.254.0.0/16", "168.63.129.16/32", "fe80::/10", "fd00:ec2::254/128"])
    expect(denied).toContain(network);
});
