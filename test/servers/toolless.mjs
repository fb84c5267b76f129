import { serve } from "./minimal-mcp.mjs";

// Has no tools, and answers tools/list with "Method not found".
serve({ pageOf: () => ({ rpcError: { code: -32601, message: "Method not found" } }) });
