/** Words that say nothing about what is wanted. */
export const stopWords = `
a about again all also always am an and another any anything are as at back be been being both by can could d did do does doing each ever
every everything few for from gets getting go goes going got had has have having hello help here hey hi how i if im in into is it its just
keep keeps know let lets like ll m many may maybe me might mine more most much must my need needs never now of off ok okay on one only or
other our ours out over own please re really s shall should so some somebody someone something still such t than thank thanks that the
their theirs them then there these they thing things this those to too until us ve very via want wants was we were what when where which
while who whom whose why will with would yet you your yours actually per but up down away via because since than whether com www asap quickly easily properly carefully immediately urgently kindly
`;

/** The same in other languages, once a query has a word of one of them. */
export const foreignStopWords = `
der die das den dem des ein eine einen einem einer und mit von fur aus auf bei im zum zur mir mein meine meinem meiner meinen ist sind
bitte ich du er sie es wir ihr uns nicht auch noch dann wenn wie was hat haben habe bin war wird werden kann kannst soll muss dass nach
vor uber unter bis zu an am in gibt gerade mal alle welche le la les un une de et avec pour dans sur mon ma mes par son est je tu il nous
vous ne pas que ce cette ces se si ou mais au aux moi ont ai peux veux quels quelles quel el los las una unos y con para mi mis del al en
por su me lo nos no como este esta hay cual cuales quiero puedo tengo o os as um uma com em na do da dos nao eu gli di che per nel della
dello i e non mio mia
`;
