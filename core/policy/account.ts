/**
 * What all sessions of a principal share: the rates and the places at servers. One for each principal; sessions take shares of it,
 * so that a call does not have to ask.
 */
export interface Account {
  /** Takes calls out of a minute's share. */
  takeTokens(of: string, wanted: WantedTokens): Promise<TakenTokens>;
  /** Waits for places until there are some, for `placeAskMs` at most, or until more sessions want them. */
  takePlaces(of: string, wanted: WantedPlaces): Promise<TakenPlaces>;
  /** Gives places back, by what they are places of. */
  returnPlaces(holder: Holder, places: Record<string, number>): Promise<void>;
  /**
   * Says how many places are still held of those that it names. All of a session that says nothing for a while are free again.
   * @returns of those for which other sessions wait: how many it may keep
   */
  keepPlaces(holder: Holder, places: Record<string, number>): Promise<Record<string, number>>;
  /** Notes what a session keeps, unless it keeps more than before and all sessions together too much: then it says what others keep. */
  hold(session: string, holdings: Holdings): Promise<HeldByOthers | undefined>;
}

/** What a session keeps beyond its runs. All of it, not the change, so that a request that is lost or repeated does no harm. */
export interface Holdings {
  fileBytes: number;
  sandboxes: number;
  /** When all of it will have gone unless the session says otherwise, in milliseconds since the epoch. */
  until: number;
}

/** Why holdings were not noted. */
export interface HeldByOthers {
  of: "fileBytes" | "sandboxes";
  held: number;
}

/** Which sessions of a principal have approvals that wait. A hint: the session itself knows. */
export interface ApprovalIndex {
  noteApproval(session: string, approval: { id: string; state: "waits" | "ended" }): Promise<void>;
  sessionsWithApprovals(): Promise<string[]>;
}

export interface WantedTokens {
  perMinute: number;
  /** Calls that wait. */
  needed: number;
}

export interface TakenTokens {
  granted: number;
  /** When none was granted: how long until there is one. */
  retryAfterMs: number;
}

/** A session. After a restart it is another life, and the places of the one before are free. */
export interface Holder {
  session: string;
  life: string;
}

export interface WantedPlaces {
  holder: Holder;
  /** All places that there are. */
  most: number;
  /** Calls that wait. */
  needed: number;
  /** Places that it takes if so many are free, although it needs fewer. */
  share: number;
  /** What the session was told that it may keep while others wait. */
  fair: number;
}

export interface TakenPlaces {
  granted: number;
  /** Places that this session may keep while others wait. */
  fair: number;
}

/** The part of a whole that a session takes at once although it needs less. */
export function shareOf(whole: number, shares: number): number {
  return Math.max(1, Math.floor(whole / shares));
}
