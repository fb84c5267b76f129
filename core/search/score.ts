import type { Posting, Question, SearchIndex, Wanted } from "./index.ts";
import type { Room } from "./server-index.ts";

/** What each document is worth to a question: of room `n` from `starts[n]`, the server first. 0 where nothing fits. */
export interface Scores {
  starts: Uint32Array;
  values: Float32Array;
  /** Whether a tool's own text has anything of the question, and not only its server's. */
  isOwn: Uint8Array;
}

interface Sheet extends Scores {
  /** Of the question's words, how much of their worth a document has. */
  covered: Float32Array;
  /** Words of a tool's name that the question has, one bit each. */
  places: Uint8Array;
  /** Agreement of singular and plural, word by word. */
  agreement: Float32Array;
  /** For the word at hand. */
  word: Float32Array;
  wordPlaces: Uint8Array;
}

/** Part of a value that a tool loses when the question says nothing of its name; one that lacks words of the question, of those. */
const nameShare = 0.4;
const coverShare = 0.4;
/** A tool that does what is asked, rather than something else with the same thing. */
const sameAction = 1.15;
const otherAction = 0.85;
const numberShare = 0.08;
/** A server that is called by its name, as far as the name is nobody else's word. */
const calledShare = 0.3;

/** @param withServers whether a word of a server counts for its tools */
export function scoreAll(index: SearchIndex, question: Question, { withServers }: { withServers: boolean }): Scores {
  const { rooms } = index;
  const sheet = createSheet(rooms);
  const masses = question.words.map((wanted) => massOf(index, wanted));
  for (const [at, wanted] of question.words.entries()) {
    fillWord(index, sheet, wanted);
    addWord(rooms, sheet, { wanted, mass: masses[at] ?? 0, withServers });
  }
  const whole = masses.reduce((sum, mass) => sum + mass, 0);
  const calls = callsOf(index, question);
  for (const [at, room] of rooms.entries()) {
    const factor = 1 + calledShare * (calls[at] ?? 0);
    const start = sheet.starts[at] ?? 0;
    for (let own = 0; own <= room.tools.length; own++) {
      const document = start + own;
      const value = sheet.values[document] ?? 0;
      // What only its server says of a tool is said of the server, too.
      if (sheet.isOwn[document] === 0) continue;
      const covers = 1 - coverShare + (coverShare * (sheet.covered[document] ?? 0)) / whole;
      const names = 1 - nameShare + nameShare * namedPart(room, own, sheet.places[document] ?? 0);
      const acts = own === 0 ? 1 : actsAs(question, room, own);
      sheet.values[document] = value * covers * names * acts * factor * (sheet.agreement[document] ?? 1);
    }
  }
  return sheet;
}

function createSheet(rooms: readonly Room[]): Sheet {
  const starts = new Uint32Array(rooms.length + 1);
  for (const [at, { tools }] of rooms.entries()) starts[at + 1] = (starts[at] ?? 0) + tools.length + 1;
  const documents = starts[rooms.length] ?? 0;
  const column = () => new Float32Array(documents);
  return {
    starts,
    values: column(),
    isOwn: new Uint8Array(documents),
    covered: column(),
    places: new Uint8Array(documents),
    agreement: column().fill(1),
    word: column(),
    wordPlaces: new Uint8Array(documents),
  };
}

function massOf(index: SearchIndex, { terms, weight }: Wanted): number {
  return weight * Math.max(...terms.map(({ posting, share }) => share * index.rarity(posting)));
}

/** What each document has of one word: of the word itself, its synonyms and its spellings, whichever counts most. */
function fillWord(index: SearchIndex, { starts, word, wordPlaces }: Sheet, { terms, weight }: Wanted): void {
  word.fill(0);
  wordPlaces.fill(0);
  for (const { posting, share } of terms) {
    const worth = weight * share * index.rarity(posting);
    for (let place = 0; place < posting.rooms.length; place++) {
      const at = posting.rooms[place] ?? 0;
      const room = index.rooms[at];
      if (room === undefined) continue;
      const slot = posting.slots[place] ?? 0;
      const start = starts[at] ?? 0;
      const end = room.starts[slot + 1] ?? 0;
      for (let cell = room.starts[slot] ?? 0; cell < end; cell++) {
        const document = start + (room.documents[cell] ?? 0);
        const value = worth * (room.weights[cell] ?? 0);
        if (value > (word[document] ?? 0)) word[document] = value;
        wordPlaces[document] = (wordPlaces[document] ?? 0) | (room.places[cell] ?? 0);
      }
    }
  }
}

/** A word counts for a tool where it counts most: in the tool's own text or in its server's. */
function addWord(
  rooms: readonly Room[],
  { starts, values, isOwn, covered, places, agreement, word, wordPlaces }: Sheet,
  { wanted, mass, withServers }: { wanted: Wanted; mass: number; withServers: boolean },
): void {
  const isNoun = wanted.word.action === undefined;
  for (const [at, room] of rooms.entries()) {
    const start = starts[at] ?? 0;
    const theirs = word[start] ?? 0;
    const shared = withServers ? theirs : 0;
    for (let own = 0; own <= room.tools.length; own++) {
      const document = start + own;
      const ours = word[document] ?? 0;
      const most = Math.max(ours, shared);
      if (most === 0) continue;
      values[document] = (values[document] ?? 0) + most;
      covered[document] = (covered[document] ?? 0) + mass;
      if (ours === 0) continue;
      isOwn[document] = 1;
      const found = wordPlaces[document] ?? 0;
      if (found === 0) continue;
      places[document] = (places[document] ?? 0) | found;
      if (!isNoun) continue;
      const isPlural = ((room.plurals[own] ?? 0) & found & -found) !== 0;
      agreement[document] = (agreement[document] ?? 1) * (isPlural === wanted.word.isPlural ? 1 + numberShare : 1 - numberShare);
    }
  }
}

/** The part of a tool's name that the question has. A server has no such name. */
function namedPart(room: Room, own: number, places: number): number {
  const length = room.nameLengths[own] ?? 0;
  return length === 0 ? 0 : bitsOf(places) / length;
}

function bitsOf(places: number): number {
  let bits = 0;
  for (let rest = places; rest !== 0; rest &= rest - 1) bits += 1;
  return bits;
}

function actsAs({ action }: Question, room: Room, own: number): number {
  const does = room.actions[own];
  if (action === undefined || does === undefined) return 1;
  return action === does ? sameAction : otherAction;
}

/** For each room from 0 to 1: whether the question calls the server by its name, and whose word that is else. */
function callsOf(index: SearchIndex, question: Question): Float32Array {
  const calls = new Float32Array(index.rooms.length);
  for (const { terms } of question.words) {
    for (const { posting, share } of terms) {
      if (posting.term.startsWith("~")) continue;
      for (const [place, at] of posting.rooms.entries()) {
        const room = index.rooms[at];
        if (room === undefined || !room.names.has(posting.term)) continue;
        calls[at] = Math.max(calls[at] ?? 0, share * partIn(room, posting, place));
      }
    }
  }
  return calls;
}

/** Of the documents that have a term, the part that stands in one room. */
function partIn(room: Room, { slots, count }: Posting, place: number): number {
  const slot = slots[place] ?? 0;
  return ((room.starts[slot + 1] ?? 0) - (room.starts[slot] ?? 0)) / count;
}
