/** An MCP server published on npm, started over stdio with invalid credentials. */
export interface PublishedServer {
  /** Its id in the bench's registry. */
  id: string;
  package: string;
  /** Pinned: another version may list other tools, which changes the measured numbers. */
  version: string;
  /** Name of the executable, if the package has several. */
  bin?: string;
  args?: readonly string[];
  env?: Readonly<Record<string, string>>;
}

/** Servers that answer `tools/list` without network access and without an account. */
export const publishedServers: readonly PublishedServer[] = [
  { id: "everything", package: "@modelcontextprotocol/server-everything", version: "2026.8.31" },
  { id: "filesystem", package: "@modelcontextprotocol/server-filesystem", version: "2026.8.31", args: ["."] },
  { id: "memory", package: "@modelcontextprotocol/server-memory", version: "2026.8.31" },
  { id: "sequential-thinking", package: "@modelcontextprotocol/server-sequential-thinking", version: "2026.8.31" },
  {
    id: "github",
    package: "@modelcontextprotocol/server-github",
    version: "2025.4.8",
    env: { GITHUB_PERSONAL_ACCESS_TOKEN: "none" },
  },
  {
    id: "slack",
    package: "@modelcontextprotocol/server-slack",
    version: "2025.4.25",
    env: { SLACK_BOT_TOKEN: "none", SLACK_TEAM_ID: "T0" },
  },
  {
    id: "google-maps",
    package: "@modelcontextprotocol/server-google-maps",
    version: "0.6.2",
    env: { GOOGLE_MAPS_API_KEY: "none" },
  },
  { id: "postgres", package: "@modelcontextprotocol/server-postgres", version: "0.6.2", args: ["postgresql://localhost/none"] },
  { id: "everart", package: "@modelcontextprotocol/server-everart", version: "0.6.2", env: { EVERART_API_KEY: "none" } },
  { id: "playwright", package: "@playwright/mcp", version: "0.0.83", args: ["--headless", "--isolated"] },
  { id: "chrome-devtools", package: "chrome-devtools-mcp", version: "1.11.0", args: ["--headless", "--isolated"] },
  { id: "grep", package: "mcp-ripgrep", version: "0.4.0" },
  { id: "time", package: "time-mcp", version: "1.0.6" },
  { id: "notion", package: "@notionhq/notion-mcp-server", version: "2.5.2", env: { NOTION_TOKEN: "none" } },
  {
    id: "brave-search",
    package: "@brave/brave-search-mcp-server",
    version: "2.1.4",
    args: ["--transport", "stdio"],
    env: { BRAVE_API_KEY: "none" },
  },
  { id: "tavily", package: "tavily-mcp", version: "0.2.22", env: { TAVILY_API_KEY: "none" } },
  { id: "exa", package: "exa-mcp-server", version: "3.4.1", env: { EXA_API_KEY: "none" } },
  { id: "firecrawl", package: "firecrawl-mcp", version: "3.26.0", env: { FIRECRAWL_API_KEY: "none" } },
  { id: "context7", package: "@upstash/context7-mcp", version: "4.1.1" },
  { id: "figma", package: "figma-developer-mcp", version: "0.13.2", args: ["--stdio", "--figma-api-key=none"] },
  {
    id: "mongodb",
    package: "mongodb-mcp-server",
    version: "3.0.4",
    env: { MDB_MCP_TELEMETRY: "disabled", MDB_MCP_API_CLIENT_ID: "none", MDB_MCP_API_CLIENT_SECRET: "none" },
  },
  {
    id: "elasticsearch",
    package: "@elastic/mcp-server-elasticsearch",
    version: "0.3.1",
    env: { ES_URL: "http://127.0.0.1:1", ES_API_KEY: "none" },
  },
  {
    id: "browserbase",
    package: "@browserbasehq/mcp-server-browserbase",
    version: "2.4.3",
    env: { BROWSERBASE_API_KEY: "none", BROWSERBASE_PROJECT_ID: "none", GEMINI_API_KEY: "none" },
  },
  {
    id: "salesforce",
    package: "@salesforce/mcp",
    version: "0.30.15",
    args: ["--orgs", "DEFAULT_TARGET_ORG", "--toolsets", "all", "--no-telemetry"],
  },
  { id: "airtable", package: "airtable-mcp-server", version: "1.14.0", env: { AIRTABLE_API_KEY: "pat.none" } },
  { id: "circleci", package: "@circleci/mcp-server-circleci", version: "0.20.0", env: { CIRCLECI_TOKEN: "none" } },
  { id: "kubernetes", package: "mcp-server-kubernetes", version: "4.1.7" },
  { id: "shopify-dev", package: "@shopify/dev-mcp", version: "1.16.0", env: { OPT_OUT_INSTRUMENTATION: "true" } },
  { id: "netlify", package: "@netlify/mcp", version: "1.15.1" },
  {
    id: "line",
    package: "@line/line-bot-mcp-server",
    version: "0.5.0",
    env: { CHANNEL_ACCESS_TOKEN: "none", DESTINATION_USER_ID: "none" },
  },
  {
    id: "gitlab",
    package: "@zereight/mcp-gitlab",
    version: "2.1.64",
    env: { GITLAB_PERSONAL_ACCESS_TOKEN: "none", USE_PIPELINE: "true", USE_MILESTONE: "true", USE_GITLAB_WIKI: "true" },
  },
  {
    id: "xero",
    package: "@xeroapi/xero-mcp-server",
    version: "0.0.17",
    env: { XERO_CLIENT_ID: "none", XERO_CLIENT_SECRET: "none" },
  },
  { id: "mapbox", package: "@mapbox/mcp-server", version: "0.14.0", env: { MAPBOX_ACCESS_TOKEN: "pk.eyJ1Ijoibm9uZSJ9.none" } },
  { id: "charts", package: "@antv/mcp-server-chart", version: "0.9.10" },
  { id: "hyperbrowser", package: "hyperbrowser-mcp", version: "1.0.25", env: { HYPERBROWSER_API_KEY: "none" } },
  { id: "hubspot", package: "@hubspot/mcp-server", version: "0.4.0", env: { PRIVATE_APP_ACCESS_TOKEN: "pat-none" } },
  {
    id: "dynatrace",
    package: "@dynatrace-oss/dynatrace-mcp-server",
    version: "2.1.2",
    env: { DT_ENVIRONMENT: "https://abc12345.apps.dynatrace.com" },
  },
  { id: "linear", package: "@tacticlaunch/mcp-linear", version: "1.4.3", env: { LINEAR_API_TOKEN: "none" } },
  {
    id: "jira",
    package: "@aashari/mcp-server-atlassian-jira",
    version: "3.3.0",
    env: { ATLASSIAN_SITE_NAME: "none", ATLASSIAN_USER_EMAIL: "none@example.com", ATLASSIAN_API_TOKEN: "none" },
  },
  { id: "mobile", package: "@mobilenext/mobile-mcp", version: "1.0.4" },
  { id: "xcode", package: "xcodebuildmcp", version: "2.7.0", args: ["mcp"] },
  { id: "git", package: "@cyanheads/git-mcp-server", version: "2.15.3" },
  {
    id: "smartbear",
    package: "@smartbear/mcp",
    version: "0.41.0",
    env: { BUGSNAG_AUTH_TOKEN: "none", REFLECT_API_TOKEN: "none" },
  },
  {
    id: "digitalocean",
    package: "@digitalocean/mcp",
    version: "1.0.70",
    args: ["--services", "apps,droplets,databases,networking,spaces,insights,accounts,doks"],
    env: { DIGITALOCEAN_API_TOKEN: "none" },
  },
  { id: "launchdarkly", package: "@launchdarkly/mcp-server", version: "0.6.2", args: ["start", "--api-key", "none"] },
  {
    id: "n8n",
    package: "n8n-mcp",
    version: "2.87.0",
    env: {
      MCP_MODE: "stdio",
      LOG_LEVEL: "error",
      DISABLE_CONSOLE_OUTPUT: "true",
      N8N_MCP_TELEMETRY_DISABLED: "true",
      N8N_API_URL: "http://127.0.0.1:1",
      N8N_API_KEY: "none",
    },
  },
  {
    id: "datadog",
    package: "@winor30/mcp-server-datadog",
    version: "1.8.0",
    env: { DATADOG_API_KEY: "none", DATADOG_APP_KEY: "none" },
  },
  { id: "bitwarden", package: "@bitwarden/mcp-server", version: "2026.7.0" },
];

/** Servers that no query but those of `queries-more.txt` is for, of which one half was looked at when the ranking was made. */
export const moreServers: readonly PublishedServer[] = [
  { id: "todoist", package: "todoist-mcp", version: "1.3.4", env: { API_KEY: "none" } },
  {
    id: "paperless",
    package: "@baruchiro/paperless-mcp",
    version: "2.2.1",
    env: { PAPERLESS_URL: "http://127.0.0.1:1", PAPERLESS_API_KEY: "none" },
  },
  { id: "pubmed", package: "@cyanheads/pubmed-mcp-server", version: "2.7.4" },
  { id: "weather", package: "@dangahagan/weather-mcp", version: "1.23.0" },
  {
    id: "trello",
    package: "@delorenj/mcp-server-trello",
    version: "1.8.1",
    env: { TRELLO_API_KEY: "none", TRELLO_TOKEN: "none" },
  },
  { id: "discourse", package: "@discourse/mcp", version: "0.3.1" },
  {
    id: "email",
    package: "@codefuturist/email-mcp",
    version: "0.2.0",
    env: {
      MCP_EMAIL_ADDRESS: "none@example.com",
      MCP_EMAIL_PASSWORD: "none",
      MCP_EMAIL_IMAP_HOST: "127.0.0.1",
      MCP_EMAIL_SMTP_HOST: "127.0.0.1",
    },
  },
  { id: "calc", package: "@coo-quack/calc-mcp", version: "2.1.1" },
  { id: "lunchmoney", package: "@akutishevsky/lunchmoney-mcp", version: "3.0.0", env: { LUNCHMONEY_API_TOKEN: "none" } },
  { id: "strava", package: "@r-huijts/strava-mcp-server", version: "1.2.1", env: { STRAVA_ACCESS_TOKEN: "none" } },
  { id: "asana", package: "@roychri/mcp-server-asana", version: "1.8.0", env: { ASANA_ACCESS_TOKEN: "none" } },
  { id: "excel", package: "@negokaz/excel-mcp-server", version: "0.12.0" },
  { id: "youtube", package: "youtube-data-mcp-server", version: "1.0.16", env: { YOUTUBE_API_KEY: "none" } },
  {
    id: "grafana",
    package: "@leval/mcp-grafana",
    version: "1.1.7",
    env: { GRAFANA_URL: "http://127.0.0.1:1", GRAFANA_SERVICE_ACCOUNT_TOKEN: "none" },
  },
  { id: "monday", package: "@mondaydotcomorg/monday-api-mcp", version: "3.3.0", args: ["-t", "none"] },
  { id: "resend", package: "resend-mcp", version: "2.22.0", env: { RESEND_API_KEY: "re_none" } },
];
