/** What a request says besides, anywhere: how, when, how well and why. */
export const asides = `
as (?:\\w+ )?as (?:possible|you can)
(?:asap|right (?:away|now)|straight away|in a hurry|in no time|for once|for good|once and for all|by the way|of course|after all|as well|as usual|as always|this time|for now|in advance|all together)
(?:if|when|where) (?:possible|necessary|needed|you (?:can|could|like|want|please|do not mind|don't mind|have time))
(?:in )?(?:an?|the|some|any) (?:\\w+ )?(?:way|manner|fashion)
(?:as|like) (?:i|we|you|he|she|they) (?:said|asked|told you|did|mentioned|agreed)(?: (?:before|earlier|already))?
(?:like|as) (?:last time|before|always|the last time)
with(?:out)? (?:any |much |more |all )?(?:effort|trouble|delay|care|haste|problems)
step by step
wondering (?:if|whether)
(?:it would|it'd) be \\w+ if
(?<=^(?!(?:is|are|do|does|did|how|why|what|which|make)\\b).{6,})(?:(?:really|very) )?(?:fast|quick)(?=[.!\\s]*$)
(?:(?:in|within|during|over|for|of|from|since|until|by|at) )?(?:the )?(?:last|past|next|this|coming|previous) (?:\\w+ )?(?:minutes?|hours?|days?|weeks?|weekend|months?|quarters?|years?|mornings?|afternoons?|evenings?|nights?)
(?:in|after) (?:an?|\\d+|a few|a couple of|two|three|four|five|six|ten) (?:seconds?|minutes?|hours?|days?|weeks?|months?|years?)
(?:before|after|by|until|at|over|on) the weekend
(?:a (?:couple|bunch|lot|handful) of|lots of|plenty of)(?: times)?
many thanks|thanks(?: a lot| in advance)?|thank you(?: very much)?
`;

/** Words in "-ly" that name something, or say how often; all others say how something is done. */
export const noAdverbs = `
reply apply supply multiply imply comply family assembly disassembly anomaly italy july early only friendly weekly daily monthly yearly
hourly nightly quarterly randomly lately butterfly
`;
