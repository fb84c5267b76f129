import { z } from "zod";
import { RegistryFile } from "./registry.ts";

/** The registry file as a JSON Schema (draft 2020-12), for editors: what a person writes, defaults not yet filled in. */
export function registryJsonSchema(): object {
  return { title: "MCP registry", ...z.toJSONSchema(RegistryFile, { io: "input" }) };
}
