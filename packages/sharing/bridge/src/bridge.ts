import {
  defineSharingStrategy,
  type Batch,
  type Bridge,
  type BridgeParticipant,
  type Lesson,
  type Outcome,
  type Plan,
  type Rng,
  type Rows,
  type SharingStrategy,
  type State,
} from '@tandem-rec/contract';
import {
  beliefsOf,
  BornFromAxes,
  Guard,
  itemTables,
  lessonCandidates,
  PerParticipant,
  placeUnmet,
  pullTowardWishes,
  RowWishes,
  textWriter,
  whereTeacherKnowsBetter,
  type TaughtTable,
} from '@tandem-rec/exchange';
import { bridgeOptions, type BridgeOptions } from './options.ts';

/**
 * The default exchange, made of what helped and without what harmed in our measurements:
 *
 * - language → domain, parameters: rows born from text (LLMInit), and a text prior that fades with evidence;
 * - domain → language, parameters: the domain model's item rows as a soft token, gradients stopped, its projection zero at
 *   the start (the language side sees to both);
 * - both ways, predictions: distillation only of rows whose true item the teacher knows better. A domain model that takes
 *   no predictions only teaches.
 *
 * Text prior and predictions are under the guard: their weights follow what they were measured to bring on events that
 * nobody had learned, by popularity of the items they speak of.
 *
 * With several participants a role, the first that can hold each part does: one writer of text vectors, every domain model
 * with an `item` table taught by it, one pair for predictions.
 *
 * @example
 * defineConfig({ domain: fism(), language: transformer(), sharing: bridge({ predictions: { to: 'none' } }) })
 */
export const bridge = defineSharingStrategy({
  id: '@tandem-rec/sharing-bridge#bridge',
  summary: 'The default: text prior, soft token, confidence-gated predictions.',
  options: bridgeOptions,
  needs: ({ token, predictions: { to } }) => ({
    domain: {
      gives: ['parameters', ...(to === 'none' ? [] : ['predictions' as const])],
      takes: to === 'domain' ? ['predictions'] : [],
    },
    language: {
      gives: ['representations', ...(to === 'none' ? [] : ['predictions' as const])],
      takes: [
        ...(token ? ['parameters' as const] : []),
        ...(to === 'language' || to === 'both' ? ['predictions' as const] : []),
      ],
    },
  }),
  grants: ({ token }) => (token ? [{ of: 'domain', table: 'item', access: 'read' }] : []),
  create: (options, { rng }) => new TextPriorAndGatedLessons(options, rng),
});

class TextPriorAndGatedLessons implements SharingStrategy {
  readonly #options: BridgeOptions;
  readonly #rng: Rng;
  readonly #guard: Guard;
  readonly #wishes: PerParticipant<RowWishes>;
  readonly #births: PerParticipant<BornFromAxes>;

  constructor(options: BridgeOptions, rng: Rng) {
    this.#options = options;
    this.#rng = rng;
    this.#guard = new Guard(options.guard);
    this.#births = new PerParticipant(() => new BornFromAxes(options.births));
    this.#wishes = new PerParticipant(() => new RowWishes(options.prior));
  }

  begin(bridge: Bridge): void {
    for (const { name, table } of itemTables(bridge))
      pullTowardWishes(table, this.#wishes.of(name), bridge.statistics, this.#options.prior, (interactions) =>
        this.#guard.weight(textLesson(name), interactions),
      );
  }

  async arrive(_items: Rows, bridge: Bridge): Promise<void> {
    const writer = textWriter(bridge);
    for (const taught of itemTables(bridge)) {
      const { name, table } = taught;
      if (this.#options.births.from === 'text') await this.#births.of(name).arrive(table, writer, bridge);
      this.#place(taught, await this.#wishes.of(name).arrive(table, writer, bridge), bridge);
    }
  }

  observe(outcome: Outcome): void {
    this.#guard.observe(outcome);
  }

  async exchange(batch: Batch, bridge: Bridge): Promise<Plan> {
    await this.#guard.examine(batch, async (heldOut) => {
      for (const taught of itemTables(bridge)) await this.#judgeText(taught, heldOut, bridge);
      await this.#lessons(heldOut, bridge);
    });
    const writer = textWriter(bridge);
    for (const taught of itemTables(bridge)) {
      if (this.#options.births.from === 'text') this.#births.of(taught.name).learns();
      const wishes = this.#wishes.of(taught.name);
      const changed = await wishes.update(taught.table, writer, bridge);
      await this.#judgeText(taught, batch, bridge);
      if (changed) this.#place(taught, wishes.rows, bridge);
    }
    return { lessons: await this.#lessons(batch, bridge) };
  }

  /** Weights of the lessons, now and over time. */
  explain(): Readonly<Record<string, unknown>> {
    return { guard: this.#guard.report() };
  }

  /** Rows that nobody met lie where a regression says, while the guard believes it: else where they were born. */
  #place({ name, table }: TaughtTable, rows: Rows, { statistics }: Bridge): void {
    const believed = this.#guard.weight(textLesson(name), 0) >= BELIEVED;
    if (this.#options.births.from === 'text' && believed) placeUnmet(table, this.#wishes.of(name), rows, statistics);
  }

  async #judgeText({ name, table }: TaughtTable, batch: Batch, bridge: Bridge): Promise<void> {
    const { catalogue, statistics, domain } = bridge;
    const wishes = this.#wishes.of(name);
    if (wishes.known === 0) return;
    const student = domain.find((one) => one.name === name)!;
    const wish = (row: number): Float32Array | undefined => (row < wishes.known ? wishes.of(row) : undefined);
    const items = lessonCandidates(batch, catalogue.size, this.#options.predictions.candidates, this.#rng);
    await this.#guard.measureRows(textLesson(name), { student, table, wish }, batch, items, statistics.itemCounts);
  }

  async #lessons(batch: Batch, { domain, language, catalogue, statistics: { itemCounts } }: Bridge): Promise<Lesson[]> {
    const { to, weight, temperature, afterEvents, candidates } = this.#options.predictions;
    const [d, l] = [speaker(domain), speaker(language)];
    if (to === 'none' || weight === 0 || !d || !l) return [];
    const items = lessonCandidates(batch, catalogue.size, candidates, this.#rng);
    const domainBelieves = await beliefsOf(d, batch, items, temperature);
    const languageBelieves = await beliefsOf(l, batch, items, temperature);
    const pairs = [
      ...(to === 'language' || !listens(d) ? [] : [[languageBelieves, domainBelieves] as const]),
      ...(to === 'domain' || !listens(l) ? [] : [[domainBelieves, languageBelieves] as const]),
    ];
    for (const [teacher, student] of pairs) this.#guard.measure(teacher, student, batch, itemCounts);
    if (batch.sequence < afterEvents) return [];
    // Half of the rows pass the gate when both are equally good: twice the weight keeps the mean at λ.
    return pairs.flatMap(([teacher, student]) =>
      this.#guard.lesson(teacher, student, whereTeacherKnowsBetter(teacher, student, 2 * weight), itemCounts),
    );
  }

  save(): State {
    const wishes = this.#wishes.save();
    const births = this.#births.save();
    return {
      version: 1,
      arrays: [...wishes.arrays, ...births.arrays],
      values: {
        guard: this.#guard.save().values,
        wishes: wishes.values,
        births: births.values,
      },
    };
  }

  load({ arrays, values }: State): void {
    const { guard, wishes, births } = values as {
      readonly guard: State['values'];
      readonly wishes: State['values'];
      readonly births: State['values'];
    };
    this.#guard.load({ values: guard });
    this.#wishes.load({ arrays, values: wishes });
    this.#births.load({ arrays, values: births });
  }
}

/** Weight from which on a regression places rows that nobody met. */
const BELIEVED = 0.5;

/** What the guard calls the lesson of texts about a domain model's rows. */
const textLesson = (name: string): string => `text → ${name}, item rows`;

/** Who speaks for a side in predictions: the first that listens to them, too, if there is one. */
const speaker = (side: readonly BridgeParticipant[]): BridgeParticipant | undefined => {
  const speaking = side.filter(({ gives }) => gives.includes('predictions'));
  return speaking.find(listens) ?? speaking[0];
};

const listens = ({ takes }: BridgeParticipant): boolean => takes.includes('predictions');
