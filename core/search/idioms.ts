/* Parts of a query that must be replaced before it is split into words: idioms of several words, and quoted data. */

/** Idioms and their meanings. "…" stands for up to four words. */
const idioms = `
are open = unresolved, is open = unresolved, still open = unresolved, get rid of = delete, tear down = delete uninstall, take down = delete, throw away = delete, keep an eye on = monitor,
let me know when = monitor notify, look up = search, look for = search, sign in = login, log in = login, log out = logout,
switch off = power off, turn off = power off disable, turn on = power on enable, off and on = reboot restart,
once more = retry, try again = retry, one more time = retry, how many = count number, how much = amount,
how far = distance, how long ago = relative time, how high = elevation, how do i get = directions,
what time = current time, set up = create configure, roll back = rollback, roll out = deploy, what's in = list,
what is in = list, who wrote = blame author, who am i = whoami user, close to = near,
write down = note, only sometimes = flaky, check out = checkout,
spell out = describe, point out = comment, hand over = transfer, find out = get, put together = create, fill in = fill,
fill out = fill, go back = back, get to = directions, bring back = restore, call off = cancel, shut down = shutdown,
start over = restart, take a picture = screenshot, as the crow flies = distance, step by step = sequential,
look like = structure describe, looks like = structure describe, belongs to = member,
belong to = member, days off = leave, how often = count occurrence, how fast = performance, how slow = performance,
take a look = show, thumbs up = reaction approve, out of service = drain, right now = current, back up = backup snapshot,
spin up = create, bring up = start, what day = current date, sum up = summarize, sign up = register,
sign-up = registration, how big = size area, how large = size area, how long does it take = duration travel time,
how expensive = price cost, how old = age date, when was = date, where is = location, in charge of = owner assign,
tell everyone = broadcast, let everyone know = broadcast, all at once = bulk, at once = multiple, step back = undo, go live = deploy publish,
put live = deploy publish, free of charge = free, get back = restore, pick up = resume, speed up = performance optimize,
slow down = throttle, break down = split, cut off = block, work out = calculate, figure out = find,
make sure = validate check, double check = validate, double-check = validate, ran into = error, went wrong = error failure,
goes wrong = error failure, go wrong = error failure, stopped working = error failure, does not work = error failure,
doesn't work = error failure, not working = error failure, is down = offline outage, next to = near, sort by = order,
over time = trend, point in time = timestamp, off the list = remove, cross off = complete remove, tick off = complete done,
say hello = message, drop a line = message, get in touch = message contact, reach out = message contact,
take a photo = screenshot, roll … back = rollback, roll … out = deploy, switch … off = power off, switch … on = power on,
turn … off = disable off, turn … on = enable on, shut … down = shutdown, take … down = delete,
tear … down = delete uninstall, set … up = create configure, put … aside = stash, bring … back = restore,
throw … away = delete, take … out = remove, take … off = remove, kick … out = remove, write … down = note,
look … up = search, back … up = backup snapshot, spin … up = create, bring … up = start, call … off = cancel,
hand … over = transfer assign, move … back = back, put … together = create, fill … out = fill, fill … in = fill,
sign … up = register, log … in = login, log … out = logout, check … out = checkout, sum … up = summarize,
point … out = comment, give … to = assign, put … live = deploy publish
`;

/** The query with single words in place of idioms, and without the data of calls. */
export function replaceIdioms(query: string): string {
  return replacements.reduce((text, { pattern, words }) => text.replace(pattern, words), withoutData(query));
}

/** Quoted text, addresses and file names are arguments of a call and say nothing about the tool: only their kind is kept. */
function withoutData(query: string): string {
  return query
    .replace(/["“]([^"“”]*)["”]/g, (_all, quoted: string) => (quoted.trim().includes(" ") ? " " : ` ${quoted} `))
    .replace(/\bhttps?:\/\/\S+/g, " url ")
    .replace(/[\w.+-]+@[\w-]+\.\w+/g, " email ")
    .replace(/\b[\w-]+\.(?:com|org|net|io|dev)\b/g, " website ")
    .replace(/\b[\w-]+\.(?!js\b|ai\b)[a-z]{1,4}\b/g, " file ");
}

const replacements = idioms.split(/[,\n]/).flatMap((line) => {
  const [said = "", meant = ""] = line.split(" = ");
  const [verb = "", particle] = said.trim().split(" … ");
  if (verb === "") return [];
  if (particle === undefined) return [{ pattern: new RegExp(`\\b${verb}\\b`, "gi"), words: ` ${meant} ` }];
  return [{ pattern: new RegExp(`\\b${verb}((?: [\\w'’-]+){0,4}) ${particle}\\b`, "gi"), words: ` ${meant} $1 ` }];
});
