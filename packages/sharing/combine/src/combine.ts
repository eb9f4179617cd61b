import {
  defineSharingStrategy,
  KNOWLEDGE,
  TandemError,
  type Batch,
  type Bridge,
  type Grant,
  type Knowledge,
  type Lesson,
  type Needs,
  type Outcome,
  type Plan,
  type Role,
  type Rows,
  type SharingStrategy,
  type State,
} from '@tandem-rec/contract';
import { everTaught, type Turn } from '@tandem-rec/exchange';
import { ComposedTables } from './composed-tables.ts';
import { guarded } from './guarded.ts';
import { NestedStrategy } from './nested-strategy.ts';
import { combineOptions, type CombineOptions, type StrategyOptions } from './options.ts';

/**
 * Several strategies at once, each with a weight and a schedule: the way to write one's own recipe in a configuration.
 *
 * What they need of the sides, and the tables they open, is the union. In each step those whose turn it is are asked in
 * their order; their lessons' weights are multiplied by weight and schedule, and so are their pulls of rows, which act one
 * after the other (`ComposedTables`). Births of rows are not scheduled. A strategy of weight 0 is left out. Where a strategy
 * has no guard of its own, `guard` gives its lessons of predictions one.
 *
 * @example
 * defineConfig({
 *   domain: fism(),
 *   language: transformer(),
 *   sharing: combine({
 *     strategies: [
 *       { use: prior() },
 *       { use: distil(), weight: 0.5, schedule: { fromEvents: 5000, learners: 'language' } },
 *     ],
 *   }),
 * })
 */
export const combine = defineSharingStrategy({
  id: '@tandem-rec/sharing-combine#combine',
  summary: 'A list of strategies, each with a weight, a schedule and a guard.',
  options: combineOptions,
  needs: (options) => {
    const all = heard(options).map(needsOf);
    return { domain: union(all.map(({ domain }) => domain)), language: union(all.map(({ language }) => language)) };
  },
  grants: (options) => strongest(heard(options).flatMap(grantsOf)),
  create: async (options, env) => {
    const nested: NestedStrategy[] = [];
    try {
      for (const strategy of heard(options)) nested.push(await NestedStrategy.create(strategy, env));
    } catch (error) {
      for (const one of nested) await one.strategy.close?.();
      throw error;
    }
    return new Combination(nested);
  },
});

type Sides = { readonly domain: Needs; readonly language: Needs };

const SILENCE: Turn = { weight: 0, taught: { domain: false, language: false } };

class Combination implements SharingStrategy {
  readonly #nested: readonly NestedStrategy[];
  readonly #tables: ComposedTables;
  /** The bridge as each strategy sees it. */
  #bridges: readonly Bridge[] = [];
  /** What holds for each strategy in this step. */
  #turns: readonly Turn[];
  #closed = false;

  constructor(nested: readonly NestedStrategy[]) {
    this.#nested = nested;
    this.#turns = nested.map(() => SILENCE);
    this.#tables = new ComposedTables((k, role) =>
      this.#turns[k].taught[role] ? nested[k].weight * this.#turns[k].weight : 0,
    );
  }

  async begin(bridge: Bridge): Promise<void> {
    this.#bridges = this.#nested.map((_, k) => this.#tables.bridge(bridge, k));
    for (const [k, { strategy }] of this.#nested.entries()) await strategy.begin?.(this.#bridges[k]);
  }

  async arrive(items: Rows): Promise<void> {
    for (const [k, { strategy }] of this.#nested.entries()) await strategy.arrive?.(items, this.#bridges[k]);
  }

  observe(outcome: Outcome): void {
    for (const { schedule, strategy, guard } of this.#nested) {
      schedule.observe(outcome);
      guard.observe(outcome);
      strategy.observe?.(outcome);
    }
  }

  async exchange(batch: Batch, bridge: Bridge): Promise<Plan> {
    const { domain, language } = bridge;
    this.#turns = this.#nested.map(({ schedule }) => schedule.turn(batch));
    const roles = new Map([...domain, ...language].map(({ name, role }) => [name, role]));
    const lessons: Lesson[] = [];
    let learners: readonly string[] | undefined;
    for (const [k, { strategy, weight, guard }] of this.#nested.entries()) {
      const { weight: now, taught } = this.#turns[k];
      if (now === 0) continue;
      const plan = await strategy.exchange(batch, this.#bridges[k]);
      const heard = plan.lessons.filter(({ to }) => taught[roles.get(to) as Role]);
      for (const lesson of await guarded(heard, batch, bridge, guard)) lessons.push(louder(lesson, weight * now));
      if (plan.learners) learners = (learners ?? plan.learners).filter((name) => plan.learners!.includes(name));
    }
    return { lessons, ...(learners && { learners }) };
  }

  /** What each says of its lessons, by name. */
  explain(): Readonly<Record<string, unknown>> {
    return Object.fromEntries(
      this.#nested.map(({ name, schedule, strategy, guard }) => [
        name,
        { phase: schedule.phase, ...(guard.on && { guard: guard.report() }), ...strategy.explain?.() },
      ]),
    );
  }

  async save(): Promise<State> {
    const saved: (readonly [name: string, state: State])[] = [];
    for (const nested of this.#nested) saved.push([nested.name, await nested.save()]);
    return {
      version: 1,
      arrays: saved.flatMap(([name, { arrays }]) => arrays.map((one) => ({ ...one, name: `${name}/${one.name}` }))),
      values: Object.fromEntries(saved.map(([name, { values }]) => [name, values])),
    };
  }

  /** Throws `TANDEM_STATE_MISMATCH` where a strategy has no state, and what the strategies throw. */
  async load({ arrays, values }: State): Promise<void> {
    for (const nested of this.#nested) {
      const own = values[nested.name];
      if (own === undefined)
        throw new TandemError('TANDEM_STATE_MISMATCH', `The saved state of combine has no strategy "${nested.name}".`);
      const prefix = `${nested.name}/`;
      await nested.load({
        version: 1,
        arrays: arrays
          .filter(({ name }) => name.startsWith(prefix))
          .map((one) => ({ ...one, name: one.name.slice(prefix.length) })),
        values: own as State['values'],
      });
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const { strategy } of this.#nested) await strategy.close?.();
  }
}

const heard = ({ strategies }: CombineOptions): readonly StrategyOptions[] =>
  strategies.filter(({ weight }) => weight > 0);

/** What it needs; a side that the schedule never lets be taught need not take lessons. */
function needsOf({ use: { definition, options }, schedule }: StrategyOptions) {
  const { domain, language } = byOptions<Sides>(definition.needs, options);
  const taught = everTaught(schedule);
  const heardBy = (role: Role, { gives, takes }: Needs): Needs => ({
    gives,
    takes: taught[role] ? takes : takes.filter((knowledge) => knowledge === 'parameters'),
  });
  return { domain: heardBy('domain', domain), language: heardBy('language', language) };
}

const grantsOf = ({ use: { definition, options } }: StrategyOptions): readonly Grant[] =>
  byOptions(definition.grants ?? [], options);

/** What a definition says outright, or by its options. */
const byOptions = <T>(said: T | ((options: never) => T), options: unknown): T =>
  typeof said === 'function' ? (said as (options: unknown) => T)(options) : said;

function union(needs: readonly Needs[]): Needs {
  const all = (direction: keyof Needs): readonly Knowledge[] =>
    KNOWLEDGE.filter((knowledge) => needs.some((one) => one[direction].includes(knowledge)));
  return { gives: all('gives'), takes: all('takes') };
}

/** Each table once: who may train it may read it. */
function strongest(grants: readonly Grant[]): readonly Grant[] {
  const byTable = new Map<string, Grant>();
  for (const grant of grants) {
    const key = `${grant.of}/${grant.table}`;
    if (!byTable.has(key) || grant.access === 'train') byTable.set(key, grant);
  }
  return [...byTable.values()];
}

const louder = (lesson: Lesson, factor: number): Lesson =>
  factor === 1
    ? lesson
    : lesson.kind === 'predictions'
      ? { ...lesson, weight: lesson.weight.map((weight) => factor * weight) }
      : { ...lesson, weight: factor * lesson.weight };
