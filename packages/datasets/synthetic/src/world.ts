import type { CatalogueItem, Interaction, Rng } from '@tandem-rec/contract';
import { SeededRng } from '@tandem-rec/compute';
import { describeItem } from './describe-item.ts';
import { oneOf, permutation, weighted } from './draw.ts';
import type { WorldOptions } from './options.ts';
import { TOPICS } from './vocabulary.ts';

/** Communities whose taste no word tells. */
const STYLES = 12;
const START_MS = Date.UTC(2026, 0, 1);
const STEP_MS = 60_000;
/** Events a session goes on for, on average. */
const SESSION = 4;
/** A new item draws this much extra attention, which fades over this many events. */
const NOVELTY = 3;
const NOVELTY_EVENTS = 2000;

/** What can be observed of a world: items with words, and who met what when. */
export interface World {
  readonly items: readonly CatalogueItem[];
  readonly interactions: readonly Interaction[];
}

interface Item {
  readonly topics: readonly [number, number];
  readonly style: number;
  readonly popularity: number;
  /** Index of the event from which on it is there. */
  readonly arrival: number;
}

interface Taste {
  /** Two favourite topics and two favourite styles, the first one liked more. */
  readonly topics: [number, number];
  readonly styles: [number, number];
  readonly met: Uint8Array;
}

/**
 * A world in which taste shows partly in words and partly in behaviour that words do not tell.
 *
 * Item i is about topics (k₁, k₂), which its title and description tell, and belongs to a style s, which nothing tells.
 * User u has favourite topics and favourite styles. With a(u, k) and b(u, s) = 1 for the first favourite, 0.6 for the
 * second and 0 otherwise, and ℓ(i) the same for the item just met, u chooses item i with probability proportional to
 *
 *     exp( p_i + n_i(t) + g·[ √w · (A(k₁) + ½ A(k₂)) + √(1 − w) · B(s) ] ),
 *     A(k) = (1 − λ) a(u, k) + λ ℓ(k),   B(s) = (1 − λ) b(u, s) + λ ℓ(s)
 *
 * among the items that are there and that u has not met; p_i ~ N(0, 0.7²) is popularity, n_i(t) the attention that new
 * items draw. Users come in sessions, the lively more often; before a session a favourite may change (drift). At w = 0
 * topics decide nothing, so words are independent of behaviour.
 */
export function createWorld(options: WorldOptions): World {
  const root = new SeededRng(options.seed, 'synthetic-world');
  const items = createItems(options, root.fork('items'));
  const described = describeAll(items, options, root);
  return { items: described, interactions: live(items, options, root.fork('life')) };
}

function createItems({ items, events, arrivals }: WorldOptions, rng: Rng): Item[] {
  return Array.from({ length: items }, () => {
    const first = rng.int(TOPICS.length);
    const style = rng.int(STYLES);
    const second = rng.int(TOPICS.length);
    const popularity = 0.7 * rng.normal();
    const arrival = rng.next() < arrivals ? rng.int(events) : 0;
    return { topics: [first, second], style, popularity, arrival };
  });
}

function describeAll(items: readonly Item[], { permuteTexts }: WorldOptions, root: SeededRng): CatalogueItem[] {
  const rng = root.fork('words');
  const texts = items.map(({ topics }) => describeItem(topics, rng));
  const order = permuteTexts ? permutation(items.length, root.fork('permuted')) : undefined;
  return items.map(({ arrival }, index) => ({
    id: `i${index + 1}`,
    text: texts[order ? order[index] : index],
    categories: [],
    availableAtMs: START_MS + arrival * STEP_MS,
  }));
}

function live(items: readonly Item[], options: WorldOptions, rng: Rng): Interaction[] {
  const { users, events, locality, drift, wordsTell, sharpness } = options;
  const told = sharpness * Math.sqrt(wordsTell);
  const untold = sharpness * Math.sqrt(1 - wordsTell);
  const tastes = Array.from({ length: users }, () => createTaste(items.length, rng));
  const liveliness = Float64Array.from({ length: users }, () => Math.exp(rng.normal()));
  const total = liveliness.reduce((sum, one) => sum + one, 0);
  // The catalogue is weighed for every event: columns, and products of a few exponentials instead of one an item.
  const appeal = Float64Array.from(items, ({ popularity }) => Math.exp(popularity));
  const first = Uint8Array.from(items, ({ topics }) => topics[0]);
  const second = Uint8Array.from(items, ({ topics }) => topics[1]);
  const style = Uint8Array.from(items, (item) => item.style);
  const arrival = Int32Array.from(items, (item) => item.arrival);
  const weights = new Float64Array(items.length);
  const topicGain = new Float64Array(TOPICS.length);
  const styleGain = new Float64Array(STYLES);

  const interactions: Interaction[] = [];
  let user = 0;
  let last: Item | undefined;
  for (let event = 0; event < events; event++) {
    if (last === undefined || rng.next() < 1 / SESSION) {
      user = weighted(liveliness, total, rng);
      last = undefined;
      if (rng.next() < drift) change(tastes[user], rng);
    }
    const { topics, styles, met } = tastes[user];
    const colour = last === undefined ? 0 : locality;
    topicGain.fill(0);
    styleGain.fill(0);
    topicGain[topics[1]] += 0.6 * (1 - colour);
    topicGain[topics[0]] += 1 - colour;
    styleGain[styles[1]] += 0.6 * (1 - colour);
    styleGain[styles[0]] += 1 - colour;
    if (last) {
      topicGain[last.topics[0]] += colour;
      styleGain[last.style] += colour;
    }
    const ofTopic = topicGain.map((gain) => Math.exp(told * gain));
    const ofHalf = topicGain.map((gain) => Math.exp(0.5 * told * gain));
    const ofStyle = styleGain.map((gain) => Math.exp(untold * gain));
    let sum = 0;
    for (let index = 0; index < weights.length; index++) {
      if (arrival[index] > event || met[index] === 1) {
        weights[index] = 0;
        continue;
      }
      const age = event - arrival[index];
      const novelty = arrival[index] > 0 && age < NOVELTY_EVENTS ? 1 + NOVELTY * (1 - age / NOVELTY_EVENTS) : 1;
      sum += weights[index] =
        appeal[index] * novelty * ofTopic[first[index]] * ofHalf[second[index]] * ofStyle[style[index]];
    }
    // Somebody who has met everything there is stays away.
    if (sum === 0) {
      last = undefined;
      continue;
    }
    const chosen = weighted(weights, sum, rng);
    met[chosen] = 1;
    last = items[chosen];
    interactions.push({
      user: `u${user + 1}`,
      item: `i${chosen + 1}`,
      atMs: START_MS + event * STEP_MS,
      kind: 'read',
      value: 1,
      id: `world-${options.seed}-${event}`,
    });
  }
  return interactions;
}

function createTaste(items: number, rng: Rng): Taste {
  return {
    topics: [rng.int(TOPICS.length), rng.int(TOPICS.length)],
    styles: [rng.int(STYLES), rng.int(STYLES)],
    met: new Uint8Array(items),
  };
}

/** One of the four favourites becomes another. */
function change({ topics, styles }: Taste, rng: Rng): void {
  if (rng.next() < 0.5) topics[oneOf([0, 1], rng)] = rng.int(TOPICS.length);
  else styles[oneOf([0, 1], rng)] = rng.int(STYLES);
}
