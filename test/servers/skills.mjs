import { McpServer } from "@modelcontextprotocol/server";
import { memorySkillFiles, SkillCatalog } from "@modelcontextprotocol/server/ext/skills";
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio";

// Publishes a skill of two files, with the SDK's own extension.
const instructions = "---\nname: release\ndescription: How a release is made.\n---\n\nFollow references/steps.md.\n";
const files = memorySkillFiles({ "release/SKILL.md": instructions, "release/references/steps.md": "1. Tag it." });

const server = new McpServer({ name: "skills", version: "1" });
(await SkillCatalog.load(files)).attach(server);
await server.connect(new StdioServerTransport());
