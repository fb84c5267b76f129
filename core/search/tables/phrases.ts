/** Idioms and their meanings. "…" stands for up to four words, or none. */
export const idioms = `
regular expression = regex, are open = unresolved, is open = unresolved, still open = unresolved, give me = show, bring me = show, get rid of = delete,
tear down = delete, keep an eye on = monitor, look for = search, looking for = search, searching for = search, sign in = login, log in = login, log out = logout,
log off = logout disconnect, once more = retry, try again = retry, how many = count number, how often = count, how much = amount,
how far = distance, how long ago = relative time, how do i get = directions, what time = current time, what day = current date,
roll out = deploy, what's in = list, what is in = list, who wrote = blame author, who am i = whoami user, check out = checkout,
hand over = transfer, find out = get, start over = restart, sum up = summarize, sign up = register, how big = size area,
how long does it take = duration, where is = location, at once = multiple bulk, in one go = multiple bulk, go back = back,
go live = deploy publish, make sure = validate, right now = current, over time = trend, next to = near, close to = near,
went wrong = error failure, not working = error failure, turn … off = disable off, turn … on = enable on, switch … off = disable off,
shut … down = shutdown, take … down = delete, take … away = delete, take … out = remove, throw … away = delete,
set … up = create configure, bring … back = restore, look … up = search, back … up = backup, call … off = cancel, roll … back = rollback,
fill … out = fill, fill … in = fill, write … down = note, put … live = deploy publish, wie spät = current time,
wie viel uhr = current time, quelle heure = current time, qué hora = current time, que hora = current time, che ora = current time,
que horas = current time, hoe laat = current time, wie viele = count number, combien de = count number, cuántos = count number,
cuántas = count number, quanti = count number, quantos = count number, wie oft = count, wie wird das wetter = weather forecast,
il fait froid = weather temperature, fait-il froid = weather temperature, hace frío = weather temperature,
hace calor = weather temperature, comment va-t-on = directions, wie komme ich = directions, cómo llego = directions
`;

/** What a request says besides, anywhere: how, when and how well. */
export const asides = `
as \\w+ as (?:possible|you can)
(?:if|when) (?:possible|needed|you can|you have time)
(?:right|straight) (?:away|now)|this time|as usual|step by step
(?:in )?(?:an?|the) \\w+ (?:way|manner)
(?:like|as) (?:last time|before|always|(?:i|we) (?:said|asked|told you))
with(?:out)? (?:any )?(?:effort|trouble|delay|care)
(?:(?:in|within|during|over|for|of|from|since|until|by) )?(?:the )?(?:last|past|next|this|coming) (?:\\w+ )?(?:minute|hour|day|week|weekend|month|quarter|year|morning|afternoon|evening|night)s?
`;
