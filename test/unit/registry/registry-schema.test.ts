import { expect, test } from "vitest";
import { registryJsonSchema } from "../../../core/registry/registry-schema.ts";

test("the JSON Schema for editors equals the one the registry is validated against (npm run schema writes it)", {
  tags: ["registry.schema"],
}, async () => {
  const schema = `${JSON.stringify(registryJsonSchema(), null, 2)}\n`;
  await expect(schema).toMatchFileSnapshot("../../../skills/mcp-dynamic-orchestrator/mcp.registry.schema.json");
});
