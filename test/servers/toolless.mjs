import { serve } from "./minimal-mcp.mjs";

// Offers no tools, and says that it does not know the method that lists them.
serve({ pageOf: () => ({ rpcError: { code: -32601, message: "Method not found" } }) });
