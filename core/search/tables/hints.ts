/*
 * Words of tools, and the everyday words that ask for them, one way only: who says "cold" may want the weather, but a tool of weather is not
 * one of cold.
 */
export const hints = `
weather forecast temperature: warm cold hot chilly freezing rainy snow sunny cloudy windy wind storm stormy humid celsius fahrenheit
jacket sunshine thunder outside outdoors climate degrees, forecast: tomorrow weekend, air quality: smog pollution pollen breathe,
astronomy: moon sunrise sunset stars planet eclipse, calendar event meeting: appointment meet busy agenda lunch dinner reschedule rsvp
slot standup birthday wedding, availability free busy: available spare, reminder alert: remind remember alarm forget, task todo: chore
errand homework deadline due undone unfinished pending backlog, task issue: assigned work, complete done status: finished tick check
ready, note: jot scribble thought idea minutes, note document page: write wiki article text, memory knowledge: remember fact recall, email
mail message: inbox letter mailbox newsletter spam unread sender recipient attachment gmail outlook, email send: write reply forward
answer, contact: phone number acquaintance friend, message chat channel: text dm ping whisper slack conversation talk say write, post:
announce tell tweet, notification alert: notify ping beep, user member: anyone everybody guy folks, team member user: colleague coworker
staff crew, employee: hire personnel, profile user: bio avatar, file: paper attachment document folder photo picture pdf, read file: open
look contents, directory list: inside contents, search file: lies locate, move rename: tidy sort reorganize, write file: save store, edit
file: change tweak, permission access share: allow rights grant see, share permission: show give, file size info: big large, git commit
history log: changed version before yesterday wrote, branch: feature line fork, diff compare: changed, stash: park shelve, pull merge
request review: approve proposal patch changes reviewer, blame author: guilty culprit, clone repository: download copy, repository code:
project source codebase program, release tag: version ship, issue bug ticket: broken defect complaint problem glitch fault wrong mistake,
comment: say said discussion, assignee assign: hand, label tag: mark categorize, priority: pressing severity, sprint cycle iteration: week
fortnight, milestone project roadmap: plan goal progress, status: stuck progress far uncommitted modified changed dirty, board: kanban,
pipeline build job run workflow: ci test green red passing failing, failed failure error log: red broke broken wrong, test: try verify,
artifact: output download coverage, deploy deployment release: live production ship push online rollout, rollback: bad, environment:
production, feature flag: toggle experiment switch, database table query sql: rows data records select entries columns, schema describe:
structure columns fields shape looks layout, collection document: records, insert: save, aggregate count: sum average total top, index:
slow fast speed, backup snapshot: copy safe save, connection string: connect, place search: restaurant cafe bar pub coffee pizza sushi
pharmacy supermarket petrol shop store museum hotel atm gym park eat drink dine hungry breakfast lunch dinner somewhere, direction route:
walk get cycle bike road trip travel journey navigate commute bus train traffic, distance matrix route duration: far long minutes hours
apart, geocode address coordinate: lies latitude longitude located, reverse geocode address: spot standing, map image: picture draw show
pins, elevation: hill mountain steep, isochrone reach: within minutes, timezone: clock, location place: city town village country street
neighborhood nearby, traffic: jam congestion, station transit stop: bus train tram metro subway departure platform, stock quote price:
share ticker worth trading apple tesla nasdaq market dow value company, financial statement income: earnings revenue profit results
balance, dividend: payout, portfolio: holdings invest, cryptocurrency crypto price: bitcoin btc ethereum eth coin token dogecoin, exchange
rate currency convert: euro dollar pound yen usd eur gbp franc money worth, wallet balance account: money left funds bank savings,
transaction payment: spent spend paid charge transfer bought purchases, invoice: owe charge, customer contact client: buyer, refund:
return, subscription: membership recurring cancel, payment link checkout: pay, payable receivable aged: owe due late, expense cost spend:
spent costs, report profit loss: earn made money, tax: irs, bank account balance: money cash, payroll employee leave: salary wage holiday
vacation sick, quote estimate: proposal, inventory stock item: left available warehouse, order: bought buy delivery package parcel,
product search: buy cheap cheapest shop price deal gift amazon shoes laptop, shipping tracking package: parcel delivery arrive, coupon
discount: cheaper promo, review rating: good opinion recommend best, sports match score game fixture: football soccer basketball nba nfl
baseball tennis hockey won win lost beat playing league team championship cup season goal player, standing: table leading first, flight:
fly airport airline landing departure airfare ticket, hotel accommodation stay: sleep room overnight airbnb night lodging, trip travel
itinerary: vacation holiday journey getaway weekend abroad visit, train rail ticket: railway ride, visa: passport, car rental: rent hire,
movie film: cinema watch netflix actor actress starring director oscar series show episode tv, music song track playlist: listen band
singer album artist concert tune lyrics play hear, podcast: episode listen, book: novel read author, video youtube: clip watch channel
film footage, transcript caption subtitle: said spoken words says, image generate: draw paint picture illustration artwork portrait logo
photo wallpaper, audio speech: voice speak read loud sound, video generate: animate, transcribe speech text: audio recording dictate, text
speech: voice aloud narrate, meme: funny, joke: funny laugh, paper article search: study research publication scientific science papers
arxiv journal scholar literature evidence, citation: cited references source, patent: invention, author: researcher, documentation library
docs: api use example tutorial guide framework package learn, code search: function used usage, definition reference symbol: defined
declared uses, code execute run: python javascript script snippet calculate program, package dependency: npm pip library version, lint
validate check: wrong typo style, web search: internet google online look find site, news: happening latest today press world politics
newspaper event, page fetch content scrape extract: read text article site website url says, crawl map site: whole entire pages, browser
navigate page: open visit site website, click: button, type fill form: enter write field login password, screenshot: photo looks, tab:
window, console network: errors requests log, viewport resize emulate: small phone mobile dark size, performance trace: slow load fast
speed, cookie storage: logged session, select option: choose pick, monitor alert uptime check: reachable watch outage online ping, metric:
cpu memory usage load graph traffic, log search: errors happened, incident: broken crash emergency, trace span: slow request latency,
dashboard: chart screen wall, alert: wake page tell, on-call schedule: call duty, downtime maintenance mute: quiet silence planned, error
exception: crash bug stack, slo: reliability target, server instance droplet vm: computer box, create server: rent spin, reboot restart:
power stuck hangs, resize scale: bigger larger smaller capacity, domain dns record: website point name subdomain, firewall rule: port
block open allow, certificate ssl: https lock secure encrypt, bucket object storage: upload files, bill billing balance cost: owe pay
spending expensive month money, region size: available, function serverless: lambda, load balancer: spread, kubernetes pod deployment:
cluster replicas containers running crash, describe pod: details, node drain cordon: maintenance service machine, port forward: reach
local, container: docker running image, image pull: download, volume: disk, design figma: mockup layout frame, component: button, color
style: palette font colour, export image: download svg png, slide presentation: powerpoint, form survey response: answers questionnaire,
template: reuse example ready starting, chart: visualise curve, bar column chart: compare comparison, pie chart: share portion percent,
line chart: trend development growth month year time, mind map: brainstorm ideas, flow diagram: process steps, organization chart: boss
hierarchy reports, lead contact deal opportunity: prospect customer sales selling, account company: client firm business, note activity:
called, pipeline deal: stage, campaign audience: newsletter mailing subscribers, ticket support: customer complaint, translate language:
german french spanish english italian japanese chinese portuguese russian korean dutch polish turkish arabic swedish say word phrase
foreign, dictionary definition: mean word synonym spell, calculate math: plus minus times divided add sum multiply percent square root
equation solve formula interest average, convert unit: miles km kilometers inches feet cm kg pounds liters gallons ounces meters celsius
fahrenheit, time current timezone: clock hour tokyo london york utc gmt, date: today weekday, week number: calendar, random number: dice
coin lottery pick, light device home: lamp bulb bright dim bedroom kitchen living room thermostat heating blinds, thermostat temperature:
warmer cooler heating, lock door: close locked, sensor state: open closed, health fitness: calories workout exercise run steps sleep
weight diet heart bmi gym muscle, medical drug symptom: doctor pill medicine headache sick fever pain ill disease medication, nutrition
food: calories healthy eat protein vitamin, recipe: dish meal dinner bake ingredients eat, job search: career vacancy hiring position
salary work, resume: cv, property house: apartment flat rent home buy estate, car vehicle: auto, law legal: court lawyer sue contract,
school course: learn study class lesson university, password generate: strong random secure, password login item vault: credentials pin
account bank, folder organize: sort, identity whoami user: logged account, summarize summary: short gist brief shorten tldr main points,
rewrite text: rephrase better improve grammar polish, keyword sentiment: feel mood, extract data: pull, compare: better, upload: put,
download export: get, schedule: later daily weekly, random fact quote: inspire fun trivia interesting wisdom, horoscope zodiac: stars
sign, game play: chess puzzle bored quiz, gift recommendation: suggest idea, domain name: website register available whois, qr code: scan,
url shorten: short link, population country statistic: people inhabitants live citizens, wikipedia article summary: history famous born,
holiday: public closed, earthquake: shake quake, space nasa: mars rocket astronaut moon, animal: dog cat pet, merge pull request: land
accept combine, push commit: publish, pull fetch: sync newest, revert commit reset: undo mistake, cherry-pick: single, tag: mark,
worktree: parallel separate, bisect: introduced, star repository: favourite, issue search: similar duplicate already reported, sub-issue:
smaller, project view board: overview, user search: developer, gist: snippet share, security alert: leak vulnerable, replace file edit:
swap instead, create directory: mkdir make, directory tree: structure overview, grep search content: contains mentions, count match:
occurrences times, read multiple files: several together, head tail: beginning end first last, tap click swipe: press finger touch drag,
install app: put phone, launch app: open start, list device: connected phones plugged, orientation: turn rotate sideways, set location
gps: pretend fake, record screen: film video, node edge relation entity: knows connected related friend, observation: learned remember
likes, delete entity: forget, replicas scale: copies, namespace: separate, rollout restart: fresh, context cluster: switch, helm chart:
install, event log: happened, secret config map: setting, cron job: nightly hourly, service ingress: expose reachable, top resource usage:
eats hungry using, image tag: version, exec command: inside, snapshot backup: copy, ssh key: login access, floating reserved ip address:
fixed static, vpc network: private, app deployment log: site broke, database cluster: managed, kubeconfig: connect access credentials,
size: cheapest smaller plan, workflow execution: ran flow automation, webhook trigger: calls incoming, credential: account, activate
workflow: switch turn enable, node: step block, account payment: received paid, aged payables: owe suppliers, aged receivables: owes
customers late, credit note: refund, bank transaction: spent, trial balance: books, profit loss report: made money year, leave balance:
days left, tracking category: department, item: sell, contact group: customers, tax rate: vat, currency: foreign, journal: booking,
purchase order: supplier, organisation detail: company, sobject query record: crm entries, permission set: rights, flow apex test: code,
scratch org: trial sandbox, metadata deploy retrieve: changes, rich menu: buttons, broadcast message: everyone followers subscribers, push
message: person single, profile: name picture, message quota: left month, point polygon: inside zone within area, buffer: around radius,
simplify: fewer points, union: join together, bearing: direction north, optimization route stops: order best round trip delivery, category
search: kinds, word cloud: frequent words, radar chart: skills strengths, funnel chart: drop conversion, treemap: share size, heatmap:
busy density, histogram: ages, scatter: relation, network graph: connections, gauge: percent full, venn: common, boxplot: spread,
waterfall: contributions, web research: thorough deep investigate, answer question: ask tell, crawl: download whole, map url: links
addresses, extract: structured prices data, image search: pictures photos, local search: nearby shops, video search: clips, company
research: competitor business, people search linkedin: person, similar link: alike, page scroll: bottom, wait: appears loaded, resize
window: smaller bigger phone, upload file: attach choose, drag: drop, evaluate script: run, close browser: done finish, history back:
previous, console message: errors warnings, emulate: slow phone offline dark, heap snapshot memory: leak, audit: accessible seo quality,
cookie: logged, query profile explain: slow, create index: faster speed, aggregate: sum average, drop collection: throw, update many:
change, mapping: fields, shard: spread, cluster health: alright, monitor: checks, mute: quiet, synthetic test: simulated click, rum page:
real visitors users fast, log aggregate: count, downtime: planned, problem: wrong, vulnerability: holes risk, session replay: watch, flaky
test: sometimes randomly unreliable, failure log build: broke red, latest pipeline status: green, resource class: machine size big, config
validate: correct, clip board: copy paste, note search: wrote, page create: start write, block append: add below end, data source table:
rows filter, user list: people workspace, archive page: trash bin, thread reply: answer below, channel history: said discussed lately
missed, channel list: rooms groups, user profile: title email, pin: stick top, invite: bring, vault: store, generate passphrase: strong
random, item attachment: file scan, organization member: company invite confirm, trash restore: deleted, password exposed: leaked breached
stolen, totp: code two factor, model: ai llm gpt, prompt: ask question, embedding vector: similar meaning, dataset: data training, image
edit upscale: sharper bigger remove background enhance, voice: speak male female, restaurant reservation: table dinner tonight, delivery:
bring home hungry, taxi ride: pick cab uber, parking: car, charging station: electric charge ev, fuel gas: petrol tank, toll: pay, museum
attraction: sightseeing visit see, hiking trail: hike walk mountain, beach: swim sea, campground: camp tent, park: nature outdoor, event
ticket: concert show tonight, cinema showtime: playing tonight, baby name: call, pet: dog cat, horoscope: fortune, tarot: future, recipe
ingredient: fridge leftovers, cocktail drink: mix bar, wine: bottle, plant: garden water grow, vaccine: shot, mortgage loan: borrow house
bank rate interest, budget: afford save spend, insurance: cover, salary: earn paid, investment: grow savings, credit score: rating,
donation: charity give, inflation: prices rise, flashcard quiz: learn memorize exam study, grammar: mistakes correct sentence english,
essay: write homework, plagiarism: copied, poem: rhyme verse, story: tale write, name: call, slogan: catchy, email draft: write letter
polite, create add: make start put set, delete remove: throw kill, update edit: fix correct set, get details: tell info, send: give tell
share once, worksheet workbook cell range: excel spreadsheet sheet xlsx cells, formula: sum average calculate compute,
presentation slide: powerpoint pptx keynote, document paragraph heading: word docx letter report chapter, convert format: turn transform
png jpg mp3 mp4 markdown, pdf page extract merge split: scan pages join, table: rows columns, csv: export, trim cut video audio: shorten
clip part piece, extract audio: sound soundtrack, subtitle caption: text spoken, resize crop image: smaller square thumbnail, compress:
smaller shrink zip, archive extract: zip unzip unpack, filter effect: blur sharpen bright, metadata: taken camera, gene variant protein:
mutation dna genetic disease inherited, clinical trial: patients treatment therapy studied, compound molecule: chemical substance drug
formula, species: animal plant bird insect, paper author citation: researcher published cites wrote, museum artwork object: painting
painter sculpture gallery exhibit artist, book author: novel writer wrote isbn, quote: said famous saying, post thread comment: reddit
upvote trending popular discussion forum, story item: hacker headlines top, trend: popular hot rising, follower profile: follow instagram
twitter linkedin, problem challenge: puzzle exercise practice interview, park trail campground: hiking outdoors nature visit, chess move
position: play winning, fixture match: plays next kickoff, lineup squad: players, league standing: table rank, player statistic: scored
goals points, odds: bet win, income statement balance sheet cash flow: profit earned revenue debt, analyst recommendation: buy sell hold,
historical price: past went development performance, option chain: calls puts, holder insider: owns owner shareholders, news ticker:
happened, market overview: today gainers losers, yield bond: interest rates, gas fee: expensive, station line timetable: leave next
departs, ticket availability: seats left, airport: arrivals departures delayed, listing accommodation: stay sleep guests nights cabin,
review: guests say people think, menu dish: order eat serve, nutrition calorie: healthy fat sugar, ingredient: fridge, question answer:
ask wonder tell, plan outline: organize prepare structure, thought reasoning step: think reason, summary transcript meeting:
discussed decided missed, action item: promised agreed follow, draft reply: polite respond, classify category: spam kind sort, similarity:
alike resembles same, entity extract: names people mentioned, environment variable secret: configure key, port process: running occupying
listening, disk usage: full space free, service restart: hangs stuck crashed, package install update: outdated upgrade, log tail: recent
latest output, schedule cron: daily, ssh: connect remote login, scan port vulnerability: open unsafe hole, hash encode decode: base64 md5
checksum
`;
