import {
  EMPTY_STATE,
  evaluationSchema,
  type Batch,
  type Candidates,
  type GivenPart,
  type LearnOptions,
  type Lesson,
  type Outcome,
  type Participant,
  type SharingStrategy,
  type Step,
  type TandemConfig,
  type UserContexts,
} from '@tandem-rec/contract';
import { given, leaveOneOut, tableOf, type Split } from '@tandem-rec/data';
import { describe, expect, it } from 'vitest';
import { seatOf } from '../test/cheap-participant.ts';
import { cheapTable } from '../test/cheap-table.ts';
import type { Seat } from './information-sharing-module.ts';
import { OfflineCoTraining } from './offline-co-training.ts';
import type { OfflineProgress, OfflineResult } from './offline-result.ts';

const USERS = 4;
const ITEMS = 8;
/** User u met items u, u + 1, … (around the end), in this order: three to learn from, one for validation, one for the test. */
const itemOf = (user: number, place: number): number => (user + place) % ITEMS;
const VALID = 3;
const TEST = 4;
const LEARNED = USERS * VALID;
const STEPS = 3;

const EVENTS = Array.from({ length: USERS * (TEST + 1) }, (_, k) => {
  const [user, place] = [k % USERS, Math.floor(k / USERS)];
  return { user: String(user), item: String(itemOf(user, place)), atMs: 1000 + k, value: 1 + place };
});
const SPLIT = leaveOneOut(tableOf(EVENTS));

const gain = (rank: number): number => 1 / Math.log2(rank + 2);

/**
 * Places the wanted item where a script says: `valid[n]` and `test[n]` are its ranks (0 to 3) after n epochs, the last one
 * for all that follow. Writes down what it is shown.
 */
class Scripted implements Participant {
  readonly learned: string[] = [];
  readonly asked: string[] = [];
  validations = 0;
  readonly #valid: readonly number[];
  readonly #test: readonly number[];
  readonly #epochs: () => number;

  constructor(
    valid: readonly number[],
    test: readonly number[] = valid,
    epochs: (self: Scripted) => number = ({ learned }) => Math.floor(learned.length / LEARNED),
  ) {
    this.#valid = valid;
    this.#test = test;
    this.#epochs = () => epochs(this);
  }

  attach(): void {}

  async predict({ users, size, history, positions }: UserContexts, { items }: Candidates): Promise<Float32Array> {
    const scores = new Float32Array(size * items.length);
    for (let b = 0; b < size; b++) {
      const wanted = positions[b] > VALID ? TEST : VALID;
      const script = wanted === TEST ? this.#test : this.#valid;
      const rank = script[Math.min(this.#epochs(), script.length - 1)];
      for (let place = 0; place < ITEMS; place++)
        // Items that nobody of this user's parts holds have 3, 2 and 1.
        scores[b * items.length + itemOf(users[b], place)] =
          place === wanted ? 3.5 - rank : place > TEST ? ITEMS - place : -place;
      this.asked.push(`${users[b]}: ${[...history.items.subarray(history.offsets[b], history.offsets[b + 1])]}`);
    }
    if (positions[0] === VALID) this.validations++;
    return scores;
  }

  save = () => EMPTY_STATE;
  load(): void {}
}

/** One that learns, by batches. */
class Learner extends Scripted {
  readonly rates: (number | undefined)[] = [];

  async learn(batch: Batch, _lessons: unknown, { rate }: LearnOptions = {}): Promise<Step> {
    this.learned.push(...shown(batch));
    this.rates.push(rate);
    return { losses: { ranking: 1 }, rowGradients: [] };
  }
}

/** One that trains itself, for some epochs. */
class Fitter extends Scripted {
  readonly stops: boolean[] = [];
  readonly #most: number;

  constructor(most: number, ...scripts: ConstructorParameters<typeof Scripted>) {
    super(...scripts);
    this.#most = most;
  }

  fit: NonNullable<Participant['fit']> = async (data, { epoch }) => {
    for (let now = 1; now <= this.#most; now++) {
      this.learned.push(...shown(data.batch(Int32Array.from({ length: data.size }, (_, k) => k))));
      const { stop } = await epoch({ epoch: now, loss: 1 });
      this.stops.push(stop);
      if (stop) return;
    }
  };
}

/** What a batch shows: `user: item after history`. */
const shown = ({ size, users, items, history: { offsets, items: past } }: Batch): string[] =>
  Array.from(
    { length: size },
    (_, b) => `${users[b]}: ${items[b]} after ${[...past.slice(offsets[b], offsets[b + 1])]}`,
  );

/** What may be shown of the training part, and nothing else. */
const TRAINING = Array.from({ length: LEARNED }, (_, k) => {
  const [user, place] = [Math.floor(k / VALID), k % VALID];
  const past = Array.from({ length: place }, (_none, back) => itemOf(user, place - 1 - back));
  return `${user}: ${itemOf(user, place)} after ${past}`;
});

const histories = (places: number): string[] =>
  Array.from(
    { length: USERS },
    (_, user) => `${user}: ${Array.from({ length: places }, (_none, back) => itemOf(user, places - 1 - back))}`,
  );

class Watcher implements SharingStrategy {
  readonly told: string[] = [];
  readonly exchanged: string[] = [];
  readonly outcomes: Outcome[] = [];
  readonly #lessons: readonly Lesson[];

  constructor(lessons: readonly Lesson[]) {
    this.#lessons = lessons;
  }

  async exchange(batch: Batch) {
    this.told.push('exchange');
    this.exchanged.push(...shown(batch));
    return { lessons: this.#lessons };
  }

  observe(outcome: Outcome): void {
    this.told.push('observe');
    this.outcomes.push(structuredClone(outcome));
  }

  save = () => EMPTY_STATE;
  load(): void {}
}

async function train(
  participants: Readonly<Record<string, Participant>>,
  evaluation: NonNullable<TandemConfig['evaluation']> = {},
  split: Split = SPLIT,
  lessons: readonly Lesson[] = [],
) {
  const seats: Seat[] = Object.entries(participants).map(([name, instance]) =>
    seatOf(name, name === 'words' ? 'language' : 'domain', instance),
  );
  const strategy = new Watcher(lessons);
  const progress: OfflineProgress[] = [];
  const training = new OfflineCoTraining(cheapTable({ seats: () => seats, strategy, grants: [] }), split, [], {
    evaluation: evaluationSchema.parse({ batch: Math.ceil(LEARNED / STEPS), epochs: 10, patience: 2, ...evaluation }),
    historyLimit: 50,
    signal: new AbortController().signal,
    cpuMs: () => 0,
    onProgress: (now) => progress.push(now),
  });
  const results: Record<string, OfflineResult> = {};
  for (const result of await training.run()) results[result.name] = result;
  return { results, strategy, progress, faults: training.faults };
}

const sorted = (lines: readonly string[]): string[] => [...lines].sort();

describe('what offline training is shown', () => {
  it('is the training part, once an epoch, with nothing of validation and test', async () => {
    const [rows, words, own] = [new Learner([0]), new Learner([0]), new Fitter(2, [0])];
    const { strategy } = await train({ rows, words, own }, { epochs: 2 });
    for (const lines of [rows.learned, words.learned, own.learned, strategy.exchanged])
      expect(sorted(lines)).toEqual(sorted([...TRAINING, ...TRAINING]));
    expect(rows.learned.slice(0, LEARNED)).not.toEqual(rows.learned.slice(LEARNED));
  });

  it('may be whole timelines, oldest first, one user after the other', async () => {
    const rows = new Learner([0]);
    await train({ rows }, { epochs: 2, batches: 'timelines' });
    const timelines = Array.from({ length: USERS }, (_, user) => TRAINING.slice(user * VALID, (user + 1) * VALID));
    for (const epoch of [rows.learned.slice(0, LEARNED), rows.learned.slice(LEARNED)]) {
      const shownUsers = epoch.filter((_, k) => k % VALID === 0).map((line) => Number(line[0]));
      expect(epoch).toEqual(shownUsers.flatMap((user) => timelines[user]));
      expect(shownUsers.toSorted()).toEqual([0, 1, 2, 3]);
    }
  });

  it('comes at a rate that falls as it was configured', async () => {
    const rows = new Learner([0]);
    await train({ rows }, { epochs: 4, patience: 9, batch: LEARNED, annealing: { from: 0.5, to: 0.2 } });
    for (const [epoch, rate] of [1, 1, 0.6, 0.2].entries()) expect(rows.rates[epoch]).toBeCloseTo(rate, 12);
    const steady = new Learner([0]);
    await train({ steady }, { epochs: 2, batch: LEARNED });
    expect(steady.rates).toEqual([1, 1]);
  });

  it.each([
    { historyWithValidation: true, test: VALID + 1 },
    { historyWithValidation: false, test: VALID },
  ])('in the test is what was before it ($historyWithValidation)', async ({ historyWithValidation, test }) => {
    const rows = new Learner([0]);
    await train({ rows }, { epochs: 1, historyWithValidation });
    expect(rows.asked).toEqual([...histories(VALID), ...histories(test)]);
  });
});

describe('early stopping', () => {
  it('is each one’s own: tested at its best on validation, frozen once its patience is over', async () => {
    // By its test results alone, `rows` would be taken at epoch 4, and `words` at epoch 1.
    const rows = new Learner([3, 2, 1, 1, 1], [3, 3, 2, 1, 0]);
    const words = new Learner([3, 3, 2, 1, 0, 0, 0], [3, 0, 1, 2, 1, 0, 0]);
    const { results, strategy } = await train({ rows, words });
    expect(results['rows']).toMatchObject({ side: 'domain', bestEpoch: 2, validationNdcg: gain(1) });
    expect(results['rows'].scores.ndcg).toBe(gain(2));
    expect([...results['rows'].ranking.ranks]).toEqual([2, 2, 2, 2]);
    expect(results['words']).toMatchObject({ side: 'language', bestEpoch: 4, validationNdcg: 1 });
    expect(results['words'].scores.ndcg).toBeCloseTo(gain(1), 12);
    expect([rows.learned.length, words.learned.length]).toEqual([4 * LEARNED, 6 * LEARNED]);
    // The exchange needs both sides.
    expect(strategy.exchanged).toHaveLength(4 * LEARNED);
  });

  it('is for good, also if others’ learning makes it better', async () => {
    const asked = ({ validations }: Scripted): number => validations;
    const rows = new Learner([2, 2, 2, 2, 0], [1], asked);
    const words = new Learner([3, 3, 2, 1, 0, 0, 0]);
    const { results } = await train({ rows, words });
    expect(rows.learned).toHaveLength(3 * LEARNED);
    expect(results['rows']).toMatchObject({ bestEpoch: 5, validationNdcg: 1 });
  });

  it('looks every few epochs, and at the last one', async () => {
    const rows = new Learner([3, 0, 2, 0, 2, 0]);
    const { results, progress } = await train({ rows }, { epochs: 5, validateEvery: 2, patience: 5 });
    expect(progress.map(({ epoch }) => epoch)).toEqual([2, 4, 5]);
    expect(results['rows']).toMatchObject({ bestEpoch: 5 });
  });

  it('has no place without validation: the last epoch counts', async () => {
    const split = given(tableOf(EVENTS.map((row, k) => ({ ...row, part: partOf(k, 'train') }))));
    const rows = new Learner([0, 0, 0, 3]);
    const own = new Fitter(3, [0, 0, 0, 3], undefined);
    const { results } = await train({ rows, own }, { epochs: 3, patience: 1 }, split);
    for (const name of ['rows', 'own']) {
      expect(results[name]).toMatchObject({ bestEpoch: 3, validationNdcg: 0 });
      expect(results[name].scores.ndcg).toBeCloseTo(gain(3), 12);
    }
  });
});

describe('those who do not learn by batches', () => {
  it('are judged at the state in which their training ended', async () => {
    const own = new Fitter(3, [3, 3, 2, 0]);
    const { results } = await train({ own }, { validateEvery: 2 });
    expect(results['own']).toMatchObject({ bestEpoch: 3, validationNdcg: 1 });
    expect(results['own'].scores.ndcg).toBe(1);
  });

  it('are told to stop when their patience is over, and keep their best', async () => {
    const own = new Fitter(9, [3, 1, 0, 2, 2]);
    const { results } = await train({ own });
    expect(own.stops).toEqual([false, false, false, true]);
    expect(results['own']).toMatchObject({ bestEpoch: 2, validationNdcg: 1 });
  });

  it('are judged beside learners, once, if they do not train at all', async () => {
    const passive = new Scripted([1]);
    const rows = new Learner([3, 2, 1, 0]);
    const { results } = await train({ passive, rows }, { epochs: 3 });
    expect(Object.keys(results)).toEqual(['passive', 'rows', 'sum']);
    expect(results['passive']).toMatchObject({ bestEpoch: 0, validationNdcg: gain(1) });
    expect(results['passive'].scores.ndcg).toBe(gain(1));
    const alone = await train({ passive: new Scripted([1]) });
    expect(Object.keys(alone.results)).toEqual(['passive', 'sum']);
  });
});

describe('one that trains in either way', () => {
  class Either extends Fitter {
    readonly batches: string[] = [];
    async learn(batch: Batch): Promise<Step> {
      this.batches.push(...shown(batch));
      return { losses: {}, rowGradients: [] };
    }
  }

  it('trains itself where nobody could teach it, else in the epochs of the exchange', async () => {
    const [alone, taught] = [new Either(2, [0]), new Either(2, [0])];
    await train({ alone }, { epochs: 2 });
    expect([alone.learned.length, alone.batches.length]).toEqual([2 * LEARNED, 0]);
    const { strategy } = await train({ taught, words: new Learner([0]) }, { epochs: 2 });
    expect([taught.learned.length, taught.batches.length]).toEqual([0, 2 * LEARNED]);
    expect(strategy.exchanged).toHaveLength(2 * LEARNED);
  });
});

describe('the strategy', () => {
  it('is asked while somebody can teach and somebody of the other role learns', async () => {
    const teachers = [new Scripted([0]), new Fitter(1, [0])];
    for (const words of teachers) {
      const { strategy } = await train({ rows: new Learner([0]), words }, { epochs: 2 });
      expect(strategy.exchanged).toHaveLength(2 * LEARNED);
    }
    const { strategy } = await train({ rows: new Learner([0]), more: new Scripted([0]) }, { epochs: 2 });
    expect(strategy.exchanged).toEqual([]);
  });

  it('observes how validation was ranked, before the next exchange', async () => {
    const { strategy } = await train({ rows: new Learner([3, 2, 1]), words: new Learner([1, 0, 3]) }, { epochs: 2 });
    const epoch = ['exchange', 'exchange', 'exchange', 'observe'];
    expect(strategy.told).toEqual([...epoch, ...epoch]);
    const [first, second] = strategy.outcomes;
    expect(Object.keys(first.ranks)).toEqual(['rows', 'words', 'sum']);
    expect([first, second].map(({ ranks }) => [[...ranks['rows']], [...ranks['words']]])).toEqual([
      [Array(USERS).fill(2), Array(USERS).fill(0)],
      [Array(USERS).fill(1), Array(USERS).fill(3)],
    ]);
    const { batch } = first;
    expect(shown(batch)).toEqual(
      histories(VALID).map((past, user) => past.replace(/: /, `: ${itemOf(user, VALID)} after `)),
    );
    expect(batch).toMatchObject({ size: USERS, fresh: USERS, sequence: LEARNED });
    expect([[...batch.values], [...batch.atMs]]).toEqual([Array(USERS).fill(1 + VALID), [1012, 1013, 1014, 1015]]);
  });

  it('observes in batches, and only users with one item to find', async () => {
    // User 0 has two.
    const split = given(
      tableOf(EVENTS.map((row, k) => ({ ...row, part: k === 2 * USERS ? 'valid' : partOf(k, 'valid') }))),
    );
    const { strategy } = await train({ rows: new Learner([0]) }, { epochs: 1, batch: 2 }, split);
    expect(strategy.outcomes.map(({ batch }) => [...batch.users])).toEqual([[1, 2], [3]]);
    expect(strategy.outcomes.map(({ batch }) => [...batch.items])).toEqual([
      [itemOf(1, VALID), itemOf(2, VALID)],
      [itemOf(3, VALID)],
    ]);
    expect(strategy.outcomes.map(({ ranks }) => ranks['rows'].length)).toEqual([2, 1]);
  });

  it('drops lessons that nobody can learn from, and counts them', async () => {
    const broken: Lesson = {
      kind: 'text',
      from: 'words',
      to: 'rows',
      side: 'item',
      rows: Int32Array.of(0),
      texts: [''],
      weight: NaN,
    };
    const { faults, results } = await train(
      { rows: new Learner([0], [0]), words: new Learner([0], [0]) },
      { epochs: 1 },
      SPLIT,
      [broken],
    );
    expect(faults).toEqual({ 'words → rows: lesson of text dropped': STEPS });
    expect(results['rows'].scores.ndcg).toBe(1);
  });
});

/** The part of event k of `EVENTS`; what is for validation elsewhere is in `valid`. */
function partOf(k: number, valid: GivenPart): GivenPart {
  const place = Math.floor(k / USERS);
  return place === TEST ? 'test' : place === VALID ? valid : 'train';
}
