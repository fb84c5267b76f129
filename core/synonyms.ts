/*
 * Words that people use for one another when they say what they want done. General English and the trade's own, nothing that
 * belongs to one server. A word may stand in several lines.
 */

const verbs = `
create make add new open register raise produce generate build draw insert compose draft write
delete remove erase drop destroy discard forget uninstall purge clear wipe rid
get fetch read show retrieve obtain view display see inspect describe information details
list enumerate browse all which every
update modify edit change alter patch set adjust rewrite
search find look query lookup locate discover
send post publish share deliver push
broadcast everyone everybody all
run execute trigger launch start invoke perform
stop cancel abort terminate kill halt end close
move rename relocate transfer
copy duplicate clone fork
accept approve confirm
deploy ship release publish live
restart rollout reboot cycle
retry rerun again repeat
append add attach
upload attach
save download export store
count number many often
compare diff difference change
click press tap push
type enter fill input
navigate open go visit
monitor watch track observe
reply answer respond
check validate verify lint
remember memorize memory
undo revert reset rollback restore back
link connect associate relation relate
emulate simulate pretend mock
toggle switch flip
power off shutdown disable
`;

const nouns = `
repository repo
issue ticket bug
pr pull
mr merge
folder directory
document doc file page
documentation docs reference manual guide
picture image photo illustration photograph
screenshot capture snapshot picture photograph
message chat text conversation
comment remark note annotation feedback
paragraph block section text
sprint cycle iteration
reaction emoji smiley
record row entry item
column field property
table sheet grid
database db base
invoice bill
customer client contact
employee staff worker
vacation leave holiday
website site webpage url
pipeline workflow build
flaky unstable intermittent sometimes
log output
error failure exception fail crash break
place location spot restaurant
route direction drive way
elevation height altitude high
coordinate latitude longitude geocode
area surface
chart diagram graph plot
user people person member
organization org company
container pod
time clock hour
date day calendar
email mail
event meeting appointment
video movie film
news headline
paper article study
owe receivable debt outstanding
money payment cash pay paid
quota limit allowance remaining
ago since until relative
secret password credential
permission access right
device phone smartphone mobile
app application
`;

/** Word → the lines it stands in, each named by its first word. */
export const synonymsOf: ReadonlyMap<string, readonly string[]> = readLines(`${verbs}${nouns}`);

function readLines(text: string): Map<string, string[]> {
  const lines = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const words = line.split(" ").filter((word) => word !== "");
    const [name] = words;
    for (const word of words) lines.set(word, [...(lines.get(word) ?? []), `~${name}`]);
  }
  return lines;
}
