/** Limits on what list_mcp_capabilities and describe_mcp say: the model pays for each word. */
export const discoveryLimits = {
  /** The best tools of all servers shown for a query, and for each of several wishes. A server with none of them shows its best. */
  listTools: 10,
  listToolsPerWish: 3,
  /** Tools of the best server that are shown with their signature. */
  listSignatures: 2,
  /** A tool's description in a list, and in an answer of describe_mcp. */
  listLineCharsMax: 54,
  describeLineCharsMax: 160,
  /** A server's summary for a query: beside the tools of the best one, and for one of which no tool is shown. */
  bestSummaryCharsMax: 100,
  summaryCharsMax: 50,
  /** Words of a query named as unknown, and names of domains or tags. */
  unknownWordsMax: 6,
  filterNamesMax: 20,
  /** JSON of the servers in a list without a query: about 700 tokens, or 600 with the counts of domains, whose words take more tokens. */
  overviewCharsMax: 3_000,
  overviewCharsMin: 2_000,
  overviewCharsPerDomainChar: 2,
  /** The reason why one of them is unavailable. */
  overviewReasonCharsMax: 120,
  /** Domains that it counts. */
  overviewDomainsMax: 24,
  /** A summary shorter than this says nothing and is left out. */
  summaryCharsMin: 24,
  /** With more tools, describe_mcp names them and asks for a query or names. */
  describeAllToolsMax: 60,
  /** Tools shown for a query, and declared with detail `schema`. */
  describeMatches: 12,
  schemaMatches: 5,
  /** So few tools show their arguments a level deeper, up to so many characters. */
  openedTools: 3,
  openedSignatureCharsMax: 600,
  /** And with the names of what is left out, of all of them together: they are read before a call, and cost less than a declaration. */
  openedNamedCharsMax: 1_200,
  /** A signature in an answer of describe_mcp that names what it leaves out. */
  namedSignatureCharsMax: 250,
  /** Tool lines in one answer of describe_mcp, as JSON: about 3,000 tokens, or sixty typical tools. */
  describeToolsCharsMax: 14_000,
  /** Names of omitted tools listed in one answer of describe_mcp. */
  describeOmittedMax: 200,
  /** Declarations in one answer of describe_mcp. */
  describeSchemaCharsMax: 24_000,
  /** Wishes that a call may follow, for how long, and the tools that were shown for each. */
  wishesMax: 8,
  wishMs: 15 * 60_000,
  wishToolsMax: 40,
  /** What is remembered of tools that helped: entries, their JSON, and for how long after the last time. */
  helpedMax: 200,
  helpedCharsMax: 32_000,
  helpedMs: 30 * 24 * 60 * 60_000,
  /** The beginning of a description in which repeated text is searched. */
  repeatedCharsMax: 600,
  /** And the tools of a server in which it is. */
  repeatedToolsMax: 500,
  /** The form for a tool's arguments: its fields, what one says of itself and may be, and what is said of the tool. */
  formFieldsMax: 100,
  formDescriptionCharsMax: 500,
  formChoicesMax: 200,
  formValueCharsMax: 500,
  formTextCharsMax: 4_000,
} as const;
