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
  allRows,
  beliefsOf,
  itemTables,
  lessonCandidates,
  lessonOf,
  PerParticipant,
  placeUnmet,
  pullTowardWishes,
  RowWishes,
  textWriter,
  whereTeacherKnowsBetter,
  type Beliefs,
} from '@tandem-rec/exchange';
import { Merit } from './merit.ts';
import { bridgeOptions, type BridgeOptions } from './options.ts';

/**
 * The default exchange, made of what helped and without what harmed in our measurements:
 *
 * - language → domain, parameters: rows born from text, and a text prior that fades with evidence;
 * - domain → language, parameters: the domain model's item rows as a soft token, gradients stopped, its projection zero at
 *   the start (the language side sees to both);
 * - both ways, predictions: distillation only of rows whose true item the teacher knows better, under a guard that follows
 *   how well the teacher ranked events it had not seen.
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
      takes: to === 'domain' || to === 'both' ? ['predictions'] : [],
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
  readonly #merit = new Merit();
  readonly #wishes: PerParticipant<RowWishes>;

  constructor(options: BridgeOptions, rng: Rng) {
    this.#options = options;
    this.#rng = rng;
    this.#wishes = new PerParticipant(() => new RowWishes(options.prior));
  }

  begin(bridge: Bridge): void {
    for (const { name, table } of itemTables(bridge))
      pullTowardWishes(table, this.#wishes.of(name), bridge.statistics, this.#options.prior);
  }

  async arrive(_items: Rows, bridge: Bridge): Promise<void> {
    const writer = textWriter(bridge);
    for (const { name, table } of itemTables(bridge)) {
      const wishes = this.#wishes.of(name);
      const arrived = await wishes.arrive(table, writer, bridge);
      if (this.#options.prior.initialise) placeUnmet(table, wishes, arrived, bridge.statistics);
    }
  }

  observe(outcome: Outcome): void {
    this.#merit.add(outcome);
  }

  async exchange(batch: Batch, bridge: Bridge): Promise<Plan> {
    const writer = textWriter(bridge);
    for (const { name, table } of itemTables(bridge)) {
      const wishes = this.#wishes.of(name);
      const changed = await wishes.update(table, writer, bridge);
      if (changed && this.#options.prior.initialise)
        placeUnmet(table, wishes, allRows(wishes.known), bridge.statistics);
    }
    return { lessons: await this.#lessons(batch, bridge) };
  }

  async #lessons(batch: Batch, { domain, language, catalogue }: Bridge): Promise<Lesson[]> {
    const { to, weight, temperature, afterEvents, candidates } = this.#options.predictions;
    const [d, l] = [domain.find(speaksInPredictions), language.find(speaksInPredictions)];
    if (to === 'none' || weight === 0 || batch.sequence < afterEvents || !d || !l) return [];
    const items = lessonCandidates(batch, catalogue.size, candidates, this.#rng);
    const domainBelieves = await beliefsOf(d, batch, items, temperature);
    const languageBelieves = await beliefsOf(l, batch, items, temperature);
    const lessons: Lesson[] = [];
    if (to !== 'language') lessons.push(...this.#lesson(languageBelieves, domainBelieves));
    if (to !== 'domain') lessons.push(...this.#lesson(domainBelieves, languageBelieves));
    return lessons;
  }

  #lesson(teacher: Beliefs, student: Beliefs): Lesson[] {
    const { weight, guard } = this.#options.predictions;
    // Half of the rows pass the gate when both are equally good: twice the weight keeps the mean at λ.
    const heard = 2 * weight * this.#merit.weight(teacher.participant, student.participant, guard);
    return heard === 0
      ? []
      : [lessonOf(teacher, student.participant, whereTeacherKnowsBetter(teacher, student, heard))];
  }

  save(): State {
    const { version, arrays, values } = this.#wishes.save();
    return { version, arrays, values: { merit: this.#merit.save().values, wishes: values } };
  }

  load({ arrays, values }: State): void {
    const { merit, wishes } = values as { readonly merit: State['values']; readonly wishes: State['values'] };
    this.#merit.load({ version: 1, arrays: [], values: merit });
    this.#wishes.load({ arrays, values: wishes });
  }
}

const speaksInPredictions = ({ gives, takes }: BridgeParticipant): boolean =>
  gives.includes('predictions') && takes.includes('predictions');
