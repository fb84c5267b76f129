/** An MCP server published on npm, started over stdio with invalid credentials. */
export interface PublishedServer {
  /** Its id in the bench's registry. */
  id: string;
  package: string;
  /** Name of the executable, if the package has several. */
  bin?: string;
  args?: readonly string[];
  env?: Readonly<Record<string, string>>;
}

/** Servers that answer `tools/list` without network access and without an account. */
export const publishedServers: readonly PublishedServer[] = [
  { id: "everything", package: "@modelcontextprotocol/server-everything" },
  { id: "filesystem", package: "@modelcontextprotocol/server-filesystem", args: ["."] },
  { id: "memory", package: "@modelcontextprotocol/server-memory" },
  { id: "sequential-thinking", package: "@modelcontextprotocol/server-sequential-thinking" },
  { id: "github", package: "@modelcontextprotocol/server-github", env: { GITHUB_PERSONAL_ACCESS_TOKEN: "none" } },
  { id: "slack", package: "@modelcontextprotocol/server-slack", env: { SLACK_BOT_TOKEN: "none", SLACK_TEAM_ID: "T0" } },
  { id: "google-maps", package: "@modelcontextprotocol/server-google-maps", env: { GOOGLE_MAPS_API_KEY: "none" } },
  { id: "postgres", package: "@modelcontextprotocol/server-postgres", args: ["postgresql://localhost/none"] },
  { id: "everart", package: "@modelcontextprotocol/server-everart", env: { EVERART_API_KEY: "none" } },
  { id: "playwright", package: "@playwright/mcp", args: ["--headless", "--isolated"] },
  { id: "chrome-devtools", package: "chrome-devtools-mcp", args: ["--headless", "--isolated"] },
  { id: "grep", package: "mcp-ripgrep" },
  { id: "time", package: "time-mcp" },
  { id: "notion", package: "@notionhq/notion-mcp-server", env: { NOTION_TOKEN: "none" } },
  {
    id: "brave-search",
    package: "@brave/brave-search-mcp-server",
    args: ["--transport", "stdio"],
    env: { BRAVE_API_KEY: "none" },
  },
  { id: "tavily", package: "tavily-mcp", env: { TAVILY_API_KEY: "none" } },
  { id: "exa", package: "exa-mcp-server", env: { EXA_API_KEY: "none" } },
  { id: "firecrawl", package: "firecrawl-mcp", env: { FIRECRAWL_API_KEY: "none" } },
  { id: "context7", package: "@upstash/context7-mcp" },
  { id: "figma", package: "figma-developer-mcp", args: ["--stdio", "--figma-api-key=none"] },
  {
    id: "mongodb",
    package: "mongodb-mcp-server",
    env: { MDB_MCP_TELEMETRY: "disabled", MDB_MCP_API_CLIENT_ID: "none", MDB_MCP_API_CLIENT_SECRET: "none" },
  },
  {
    id: "elasticsearch",
    package: "@elastic/mcp-server-elasticsearch",
    env: { ES_URL: "http://127.0.0.1:1", ES_API_KEY: "none" },
  },
  {
    id: "browserbase",
    package: "@browserbasehq/mcp-server-browserbase",
    env: { BROWSERBASE_API_KEY: "none", BROWSERBASE_PROJECT_ID: "none", GEMINI_API_KEY: "none" },
  },
  { id: "salesforce", package: "@salesforce/mcp", args: ["--orgs", "DEFAULT_TARGET_ORG", "--toolsets", "all", "--no-telemetry"] },
  { id: "airtable", package: "airtable-mcp-server", env: { AIRTABLE_API_KEY: "pat.none" } },
  { id: "circleci", package: "@circleci/mcp-server-circleci", env: { CIRCLECI_TOKEN: "none" } },
  { id: "kubernetes", package: "mcp-server-kubernetes" },
  { id: "shopify-dev", package: "@shopify/dev-mcp", env: { OPT_OUT_INSTRUMENTATION: "true" } },
  { id: "netlify", package: "@netlify/mcp" },
  { id: "line", package: "@line/line-bot-mcp-server", env: { CHANNEL_ACCESS_TOKEN: "none", DESTINATION_USER_ID: "none" } },
  {
    id: "gitlab",
    package: "@zereight/mcp-gitlab",
    env: { GITLAB_PERSONAL_ACCESS_TOKEN: "none", USE_PIPELINE: "true", USE_MILESTONE: "true", USE_GITLAB_WIKI: "true" },
  },
  { id: "xero", package: "@xeroapi/xero-mcp-server", env: { XERO_CLIENT_ID: "none", XERO_CLIENT_SECRET: "none" } },
  { id: "mapbox", package: "@mapbox/mcp-server", env: { MAPBOX_ACCESS_TOKEN: "pk.eyJ1Ijoibm9uZSJ9.none" } },
  { id: "charts", package: "@antv/mcp-server-chart" },
  { id: "hyperbrowser", package: "hyperbrowser-mcp", env: { HYPERBROWSER_API_KEY: "none" } },
  { id: "hubspot", package: "@hubspot/mcp-server", env: { PRIVATE_APP_ACCESS_TOKEN: "pat-none" } },
  {
    id: "dynatrace",
    package: "@dynatrace-oss/dynatrace-mcp-server",
    env: { DT_ENVIRONMENT: "https://abc12345.apps.dynatrace.com" },
  },
  { id: "linear", package: "@tacticlaunch/mcp-linear", env: { LINEAR_API_TOKEN: "none" } },
  {
    id: "jira",
    package: "@aashari/mcp-server-atlassian-jira",
    env: { ATLASSIAN_SITE_NAME: "none", ATLASSIAN_USER_EMAIL: "none@example.com", ATLASSIAN_API_TOKEN: "none" },
  },
  { id: "mobile", package: "@mobilenext/mobile-mcp" },
  { id: "xcode", package: "xcodebuildmcp", args: ["mcp"] },
  { id: "git", package: "@cyanheads/git-mcp-server" },
  { id: "smartbear", package: "@smartbear/mcp", env: { BUGSNAG_AUTH_TOKEN: "none", REFLECT_API_TOKEN: "none" } },
  {
    id: "digitalocean",
    package: "@digitalocean/mcp",
    args: ["--services", "apps,droplets,databases,networking,spaces,insights,accounts,doks"],
    env: { DIGITALOCEAN_API_TOKEN: "none" },
  },
  { id: "launchdarkly", package: "@launchdarkly/mcp-server", args: ["start", "--api-key", "none"] },
  {
    id: "n8n",
    package: "n8n-mcp",
    env: {
      MCP_MODE: "stdio",
      LOG_LEVEL: "error",
      DISABLE_CONSOLE_OUTPUT: "true",
      N8N_MCP_TELEMETRY_DISABLED: "true",
      N8N_API_URL: "http://127.0.0.1:1",
      N8N_API_KEY: "none",
    },
  },
  { id: "datadog", package: "@winor30/mcp-server-datadog", env: { DATADOG_API_KEY: "none", DATADOG_APP_KEY: "none" } },
  { id: "bitwarden", package: "@bitwarden/mcp-server" },
];
