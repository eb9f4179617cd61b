import {
  defineSharingStrategy,
  type Batch,
  type Bridge,
  type BridgeParticipant,
  type BridgeTable,
  type Lesson,
  type Outcome,
  type Plan,
  type Rng,
  type Rows,
  type SharingStrategy,
  type State,
} from '@tandem-rec/contract';
import { beliefsOf, lessonCandidates, lessonOf, whereTeacherKnowsBetter, type Beliefs } from '@tandem-rec/exchange';
import { Merit } from './merit.ts';
import { bridgeOptions, type BridgeOptions } from './options.ts';
import { TextToRows } from './text-to-rows.ts';

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
  /** One per taught domain model, by name. */
  readonly #priors = new Map<string, TextToRows>();

  constructor(options: BridgeOptions, rng: Rng) {
    this.#options = options;
    this.#rng = rng;
  }

  begin({ domain, statistics }: Bridge): void {
    for (const { name, gives, tables } of domain) {
      if (!gives.includes('parameters') || !tables['item']) continue;
      this.#prior(name).attach(tables['item'], statistics);
    }
  }

  async arrive(_items: Rows, bridge: Bridge): Promise<void> {
    for (const { prior, table, writer } of this.#taught(bridge)) await prior.arrive(table, writer, bridge);
  }

  async exchange(batch: Batch, bridge: Bridge): Promise<Plan> {
    for (const { prior, table, writer } of this.#taught(bridge)) await prior.update(table, writer, bridge);
    return { lessons: await this.#lessons(batch, bridge) };
  }

  /** Domain models whose item rows follow the texts of the first language model with vectors. */
  #taught({
    domain,
    language,
  }: Bridge): { readonly prior: TextToRows; readonly table: BridgeTable; readonly writer: BridgeParticipant }[] {
    const writer = language.find(({ gives }) => gives.includes('representations'));
    if (!writer) return [];
    return domain.flatMap(({ name, tables }) => {
      const prior = this.#priors.get(name);
      return prior ? [{ prior, table: tables['item'], writer }] : [];
    });
  }

  observe(outcome: Outcome): void {
    this.#merit.add(outcome);
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
    const states = [...this.#priors].map(([name, prior]) => [name, prior.save()] as const);
    return {
      version: 1,
      arrays: states.flatMap(([name, { arrays }]) =>
        arrays.map((array) => ({ ...array, name: `${name}/${array.name}` })),
      ),
      values: {
        merit: this.#merit.save().values,
        priors: Object.fromEntries(states.map(([name, { values }]) => [name, values])),
      },
    };
  }

  load(state: State): void {
    const { merit, priors } = state.values as {
      readonly merit: State['values'];
      readonly priors: Readonly<Record<string, State['values']>>;
    };
    this.#merit.load({ version: 1, arrays: [], values: merit });
    for (const [name, values] of Object.entries(priors))
      this.#prior(name).load({ version: 1, arrays: arraysOf(state, name), values });
  }

  #prior(name: string): TextToRows {
    const prior = this.#priors.get(name) ?? new TextToRows(this.#options.prior);
    this.#priors.set(name, prior);
    return prior;
  }
}

/** The arrays that belong to the prior of one domain model, under their own names. */
const arraysOf = ({ arrays }: State, name: string): State['arrays'] =>
  arrays
    .filter((array) => array.name.startsWith(`${name}/`))
    .map((array) => ({ ...array, name: array.name.slice(name.length + 1) }));

const speaksInPredictions = ({ gives, takes }: BridgeParticipant): boolean =>
  gives.includes('predictions') && takes.includes('predictions');
