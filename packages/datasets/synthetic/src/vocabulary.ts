/** The words that tell of a topic. Every topic has its own; the templates' words are everybody's. */
export interface TopicWords {
  readonly adjectives: readonly string[];
  readonly nouns: readonly string[];
}

const words = (adjectives: string, nouns: string): TopicWords => ({
  adjectives: adjectives.split(' '),
  nouns: nouns.split(' '),
});

/** Twelve topics. An item's title and description are drawn from those it is about. */
export const TOPICS: readonly TopicWords[] = [
  words(
    'salty drifting stormy tidal anchored coastal',
    'harbour lighthouse voyage captain mast reef sailor tide island anchor',
  ),
  words(
    'silent hidden vanished locked suspicious coded',
    'detective alibi witness clue suspect murder inspector letter cellar verdict',
  ),
  words(
    'tender parted longing secret wedding moonlit',
    'heart promise lover letter dance bride kiss orchard engagement farewell',
  ),
  words(
    'orbital frozen cosmic distant robotic stellar',
    'starship colony planet signal android comet galaxy airlock probe engine',
  ),
  words(
    'spiced roasted golden hungry homemade bitter',
    'kitchen recipe bread feast cook market saffron oven harvest table',
  ),
  words(
    'besieged royal ancient exiled crowned ruined',
    'empire king fortress treaty legion throne archive siege rebellion dynasty',
  ),
  words(
    'final unbeaten training rival winning bruised',
    'coach match league stadium sprint medal goal boxer season champion',
  ),
  words(
    'electric midnight unplugged touring broken jazz',
    'guitar band melody choir record stage piano drummer encore song',
  ),
  words(
    'haunted whispering buried cursed pale nameless',
    'ghost mansion graveyard nightmare mirror fog ritual crypt shadow asylum',
  ),
  words(
    'untamed alpine roaming mossy migrating snowbound',
    'forest wolf mountain river trail ranger valley glacier cabin hunter',
  ),
  words(
    'enchanted runic dragonborn spellbound elder wandering',
    'wizard dragon sword prophecy kingdom quest amulet witch tower familiar',
  ),
  words(
    'ruthless bankrupt ambitious corporate leaked insider',
    'merger banker startup scandal boardroom broker audit fortune contract rival',
  ),
];

/** Places and people that say nothing about the topic. */
export const NEUTRAL = {
  places:
    'Aldermoor Brightwater Corvale Dunholm Eastmere Fallowfield Greywick Hartwell Ivybridge Kestrel Larkspur Norwood'.split(
      ' ',
    ),
  names: 'Mara Tobias Ines Corin Della Edwin Freya Gideon Hanna Ivo Juno Kasper Lena Milo Nora Otis'.split(' '),
  templates: [
    'A {a} story of {n} and {m} in {place}.',
    '{name} finds a {a} {n}, and nothing about the {m} is as it was.',
    'What the {n} knew: {name}, a {m}, and one {a} year in {place}.',
    'Between {n} and {m}, {name} follows a {a} trail to {place}.',
  ],
} as const;
