/*
 * Words that people use interchangeably to say what they want done: general and technical English, nothing specific to one server. A word
 * may be in several groups.
 */
export const synonyms = `
create: make new generate produce compose draft construct establish, add: insert append include put attach, open: create raise start new
file, register: signup enroll create, build: compile make, delete: remove erase destroy discard drop purge wipe trash forget eliminate
dispose rid clear, uninstall: remove, clean: cleanup clear tidy, get: fetch read retrieve obtain load, show: view display see print preview
inside contain, list: enumerate browse which available, describe: inspect detail info information examine metadata explain, search: find
look query lookup locate discover seek, update: modify edit change alter patch adjust revise rewrite amend tweak, set: configure assign
define, rename: name title, move: rename relocate transfer migrate, drag: move, send: post publish deliver write push, notify: alert inform,
run: execute trigger launch start invoke perform, launch: open start, stop: cancel abort terminate kill halt end quit close, pause: suspend,
resume: continue, restart: reboot cycle rollout relaunch, retry: rerun again repeat redo, copy: duplicate clone replicate, approve: accept
confirm allow, reject: deny decline refuse dismiss, deploy: ship release publish, rollback: revert undo restore reset back, upload: attach
import, download: save export store, count: number total, sum: total plus, compare: diff difference versus, merge: combine join unite,
scale: resize replica enlarge, press: click tap push touch hit, type: enter fill input write, scroll: swipe, navigate: open go visit goto,
monitor: watch track observe, reply: answer respond response comment, validate: check verify lint mistake correct valid, test: check,
diagnose: debug troubleshoot investigate why, explain: documentation mean meaning, remember: memorize memory recall know, summary: summarize
overview, convert: transform translate, schedule: plan, assign: owner responsible give, mute: silence snooze, invite: add, enable: activate
on, disable: deactivate off, toggle: switch flip, power: switch turn, shutdown: off, archive: shelve, restore: recover unarchive undelete,
login: signin authenticate auth, logout: signout, scrape: extract content, crawl: scrape spider, screenshot: capture snapshot photograph
picture snap screengrab, record: capture recording film, emulate: simulate pretend mock, fix: repair resolve solve, analyze: analysis scan
audit review, audit: log history, measure: calculate compute, draw: plot render chart visualize graph generate, link: connect associate
relation relate relationship, wait: delay until, rotate: renew, promote: advance, react: reaction emoji smiley thumb, stage: add,
repository: repo project codebase, issue: ticket bug task, task: todo, pr: pull, mr: merge, commit: revision changeset, history: log, blame:
author wrote authorship, folder: directory, document: doc page note, documentation: docs reference manual guide, image: picture photo
illustration graphic artwork icon, message: chat text dm, conversation: thread discussion message, channel: room, comment: remark note
annotation feedback, paragraph: block section text, sprint: cycle iteration, milestone: goal, label: tag, row: record entry item document,
column: field property attribute vertical, table: sheet spreadsheet grid, database: db base postgres postgresql mysql mongo, sql: query,
password: credential secret login, secret: token key, invoice: bill, quote: estimate offer, contact: customer client supplier person people,
customer: client, employee: staff worker payroll, payroll: salary wage, vacation: leave holiday absence, tax: vat, profit: income earning
revenue, receivable: debt owe outstanding overdue, payment: money paid pay cash, organization: org company organisation, user: people person
member, member: teammate colleague belong, authenticated: myself viewer whoami, group: team, permission: access role, accounting:
bookkeeping invoice, website: site webpage web, url: link address, page: webpage site, tab: page, dropdown: select option, pipeline:
workflow build ci, job: build position, flaky: unstable intermittent sometimes, output: log print trace, error: failure exception fail,
crash: fail broken break exception, alert: alarm warning, incident: outage problem, metric: statistic stats, performance: slow speed fast,
traffic: network request driving, vulnerability: weakness cve security, server: machine host vm droplet instance, container: pod, domain:
dns, certificate: ssl tls, backup: snapshot dump, storage: bucket, billing: invoice cost, place: location spot restaurant poi business,
direction: route drive way, distance: far, elevation: height altitude high, coordinate: latitude longitude gps position, area: surface
region, near: nearby around close, chart: diagram graph plot, time: clock hour, date: day calendar, timestamp: epoch unix, ago: since
relative, news: headline, paper: article study publication scientific, research: study, video: movie film clip, email: mail, event: meeting
appointment, phone: mobile smartphone device handset, app: application, emulator: simulator, feature: flag function, environment: stage,
automation: workflow, crm: customer lead contact, entity: node, fact: observation information, library: package, code: source, pattern:
regex, quota: limit allowance remaining left, usage: consumption, remove: kick expel exclude evict, expose: share publish, machine: host
server computer node, ci: pipeline, network: vpc subnet, uptime: availability reachable, echo: repeat, variable: env environment, disk: file
filesystem computer, multiple: batch bulk, diff: change modification uncommitted, stash: aside, tag: version, complete: done finish tick,
drive: driving direction, occurrence: match occur, product: item service, rule: policy, right: permission access, timesheet: hour worked,
off: leave, popup: dialog modal alert prompt, box: field input, landscape: portrait orientation, shell: terminal command exec, port:
localhost forward, live: deploy production, priority: urgent important, schema: structure shape, index: key, size: space storage, owner:
assignee responsible, unread: new, subscriber: follower fan audience, nearest: closest near, shortest: optimal fastest, intersection:
overlap common, union: combine merge, middle: center midpoint centroid, inside: within, fixed: resolved solved, category: kind type class,
scheduled: nightly cron schedule recurring, reviewer: review, diagram: chart graph, trend: line, tree: hierarchy, memory: heap,
accessibility: a11y, request: http, cookie: session, vault: password safe, passphrase: password, bitwarden: password, spreadsheet: excel
csv, pdf: document, article: page content, facts: knowledge, hotel: restaurant cafe shop store place accommodation, town: city place
address, house: street address, neighborhood: area, country: region, walk: walking foot, bike: cycling bicycle, letter: email, colleague:
user member, boss: manager, note: memo, draft: unpublished, discount: coupon, order: purchase, shipment: delivery, stock: inventory share,
refund: credit, bookkeeper: accounting, debt: owe, employer: company, salary: pay, config: configuration setting preference option setup,
status: state condition health, dashboard: overview board, template: boilerplate blueprint, agent: assistant bot ai, component: widget,
reserve: book allocate, webhook: callback hook, upgrade: update, variation: variant version, notification: notice alert, stream: kafka queue
topic, subscription: plan, evaluate: script javascript js, console: log output, downtime: maintenance window, conflict: clash collision,
protect: guard restrict, favorite: star bookmark, journal: ledger entry, transaction: movement, path: route way, cloud: remote, hover: mouse
pointer cursor, screencast: recording video, checkout: switch, dir: folder directory, fork: copy duplicate, health: alive up, membership:
member, rate: percentage, aggregate: group statistics summarize, extension: plugin addon, children: child nested, aged: overdue, sync:
synchronize refresh, venn: overlap, pie: share proportion percentage part, radar: spider, funnel: conversion, histogram: distribution
frequency, boxplot: quartile, scatter: correlation, fishbone: cause, mind: brainstorm idea, sankey: flow, treemap: hierarchy, flush: clear
empty, changelog: release, stale: unused inactive, ping: alive, drain: cordon evacuate, subtask: child, bbox: bounding extent box, bearing:
compass heading, isochrone: reachable reach, simplify: reduce, foreground: front, tap: press, sample: example, teardown: delete, biometrics:
fingerprint, barcode: qr, learn: tutorial guide, boot: start, kubernetes: k8s kubectl kube, mongodb: mongo, chrome: browser, browser: web,
ios: iphone ipad apple, android: phone, elasticsearch: elastic, geocode: address, resource: object, unassign: remove detach, token: key,
consumption: spend, function: symbol, whoami: viewer me, mail: email inbox, action: operation, step: instruction, budget: cost, natural:
plain, locked: lock, join: attend, presentation: slide deck, contract: agreement, lead: prospect opportunity deal, deal: opportunity,
campaign: marketing, survey: form questionnaire, song: music track, photo: selfie, rain: weather forecast temperature, currency: exchange,
flight: plane, train: bus transit, recipe: cook
`;
