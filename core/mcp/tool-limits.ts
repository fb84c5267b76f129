/** The limits of what a server lists, as in limits.ts. */
export const toolLimits = {
  /**
   * JSON of one tool, and of all tools of a server: those of the largest real servers have two megabytes. Of a tool beyond them its name and
   * its first words remain, because reading, comparing and storing megabytes of schemas holds up every session.
   */
  toolCharsMax: 256 * 1024,
  toolsCharsMax: 4 * 1024 * 1024,
} as const;
