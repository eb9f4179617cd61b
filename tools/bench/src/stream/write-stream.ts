import { SeededRng } from '@tandem-rec/compute';
import type { InteractionSink, Rng } from '@tandem-rec/contract';
import { encodeInteraction, encodeItem } from '@tandem-rec/data';

/** How large the synthetic world is. */
export interface WorldSize {
  readonly users: number;
  readonly items: number;
}

const START_MS = Date.UTC(2024, 0, 1);
const SYLLABLES = [
  'ka',
  'lo',
  'mi',
  'ren',
  'tas',
  'vor',
  'el',
  'zu',
  'pho',
  'dra',
  'nim',
  'ost',
  'bel',
  'qui',
  'sar',
  'un',
];

/**
 * Writes a stream into a log: a record for each item, with a title and two categories, then interactions
 * whose items are drawn by Zipf's law, and users by a flatter one; nobody meets an item twice. The seed decides it all.
 * Returns how many records there are.
 */
export async function writeStream(sink: InteractionSink, { users, items }: WorldSize, events: number): Promise<number> {
  const rng = new SeededRng(1, 'bench');
  const drawItem = zipf(items, 0.9, rng.fork('items'));
  const drawUser = zipf(users, 0.5, rng.fork('users'));
  const records: { key: string; value: string }[] = [];
  const words = rng.fork('words');
  for (let item = 0; item < items; item++) {
    const id = `i${item}`;
    const text = { title: Array.from({ length: 2 + words.int(3) }, () => word(words)).join(' ') };
    records.push({ key: id, value: encodeItem({ id, text, categories: [word(words), word(words)] }) });
  }
  const met = Array.from({ length: users }, () => new Set<number>());
  for (let event = 0; event < events; event++) {
    let user = drawUser();
    let item = drawItem();
    for (let attempt = 0; attempt < 100 && met[user].has(item); attempt++) [user, item] = [drawUser(), drawItem()];
    met[user].add(item);
    const interaction = {
      user: `u${user}`,
      item: `i${item}`,
      atMs: START_MS + event * 1000,
      kind: 'rating',
      value: 4,
      id: `e${event}`,
    };
    records.push({ key: interaction.user, value: encodeInteraction(interaction) });
  }
  for (let from = 0; from < records.length; from += 20_000) await sink.append(records.slice(from, from + 20_000));
  return records.length;
}

/** Draws 0 … n − 1, k with a probability in proportion to (k + 1)^−exponent. */
function zipf(n: number, exponent: number, rng: Rng): () => number {
  const sums = new Float64Array(n);
  let sum = 0;
  for (let k = 0; k < n; k++) sums[k] = sum += (k + 1) ** -exponent;
  return () => {
    const wanted = rng.next() * sum;
    let [low, high] = [0, n - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle] > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

const word = (rng: Rng): string =>
  Array.from({ length: 2 + rng.int(2) }, () => SYLLABLES[rng.int(SYLLABLES.length)]).join('');
