import type { Batch, Needs, Outcome, PluginUse, RowGradients, SharingStrategy, State } from '@tandem-rec/contract';
import { SeededRng } from '@tandem-rec/compute';
import { bits, copied } from '../assertions.ts';
import { standIn } from '../fixtures/stand-in.ts';
import { testEnvironment, type TestEnvironmentChanges } from '../fixtures/test-environment.ts';
import { LATE_ITEMS, TINY_ITEMS } from '../fixtures/tiny-events.ts';
import { TinyWorld, type Meeting } from '../fixtures/tiny-world.ts';
import { expectPlan, frozenPlan } from './expect-plan.ts';

const NAME = 'under-test';

/** Where a strategy stood when it was saved. */
export interface SavedStrategy {
  readonly strategy: State;
  readonly tables: State;
  readonly rng: ReturnType<SeededRng['save']>;
}

/** A strategy under test among stand-ins that offer what it needs, and one that offers nothing. */
export class StrategyStage {
  readonly strategy: SharingStrategy;
  readonly world: TinyWorld;
  readonly #rng: SeededRng;
  readonly #arrived: Set<number>;

  private constructor(strategy: SharingStrategy, world: TinyWorld, rng: SeededRng) {
    this.strategy = strategy;
    this.world = world;
    this.#rng = rng;
    this.#arrived = new Set(world.allItems);
  }

  static async open(
    use: PluginUse<'sharing-strategy'>,
    environment: TestEnvironmentChanges = {},
    restored?: { readonly saved: SavedStrategy; readonly past: readonly (readonly Meeting[])[] },
  ): Promise<StrategyStage> {
    const options: unknown = use.definition.options.parse(use.options);
    const resolve = <T>(value: T | ((options: never) => T)): T =>
      typeof value === 'function' ? (value as (options: unknown) => T)(options) : value;
    const needs: { readonly domain: Needs; readonly language: Needs } = resolve(use.definition.needs);
    const grants = resolve(use.definition.grants ?? []);
    const rng = new SeededRng(environment.seed ?? 1, NAME);
    const strategy = await use.definition.create(options, testEnvironment({ ...environment, name: NAME, rng }));
    const seats = [
      standIn('bystander', 'domain', [], [], []),
      standIn('domain', 'domain', needs.domain.gives, needs.domain.takes),
      standIn('language', 'language', needs.language.gives, needs.language.takes),
    ];
    const world = new TinyWorld(seats, grants, environment.seed);
    await world.module.attach();
    if (restored) {
      world.embeddings.load(copied(restored.saved.tables));
      world.addItems(TINY_ITEMS);
      for (const meetings of restored.past) world.count(world.meet(meetings));
      await strategy.load(copied(restored.saved.strategy));
      rng.load(restored.saved.rng);
    }
    const stage = new StrategyStage(strategy, world, rng);
    await strategy.begin?.(world.module.bridge);
    if (!restored) await stage.#arrive(() => world.addItems(TINY_ITEMS));
    return stage;
  }

  /** Lives through batches as the engine would; returns everything the strategy did, to be compared. */
  async live(days: readonly (readonly Meeting[])[]): Promise<readonly string[]> {
    const transcript: string[] = [];
    for (const meetings of days) {
      const { bridge } = this.world.module;
      const batch = await this.#arrive(() => this.world.meet(meetings));
      this.strategy.observe?.(outcomeOf(batch));
      const plan = await this.strategy.exchange(batch, bridge);
      expectPlan(plan, batch, bridge);
      this.world.module.apply(
        ['domain', 'language'].map((name) => ({
          name,
          step: { losses: {}, rowGradients: this.#gradients(name, batch) },
        })),
      );
      this.world.count(batch);
      transcript.push(frozenPlan(plan), ...this.world.embeddings.save().arrays.map(({ data }) => bits(data)));
    }
    return transcript;
  }

  /** New items with and without text come into the catalogue. */
  async comeLate(): Promise<void> {
    await this.#arrive(() => this.world.addItems(LATE_ITEMS));
  }

  async save(): Promise<SavedStrategy> {
    return {
      strategy: copied(await this.strategy.save()),
      tables: copied(this.world.embeddings.save()),
      rng: this.#rng.save(),
    };
  }

  async close(): Promise<void> {
    await this.strategy.close?.();
  }

  async #arrive<T>(act: () => T): Promise<T> {
    const result = act();
    const arrived = this.world.allItems.filter((row) => !this.#arrived.has(row));
    for (const row of arrived) this.#arrived.add(row);
    if (arrived.length > 0) await this.strategy.arrive?.(arrived, this.world.module.bridge);
    return result;
  }

  /** What the participant `name` might have learned: it moves the rows that the batch touched. */
  #gradients(name: string, { users, items }: Batch): readonly RowGradients[] {
    return (['user', 'item'] as const).map((side) => {
      const rows = side === 'user' ? users : items;
      const table = `${name}/${side}`;
      const values = Float32Array.from(
        { length: rows.length * this.world.embeddings.table(table).dim },
        (_, i) => Math.cos(i + rows[0]) / 10,
      );
      return { table, rows, values };
    });
  }
}

/** The language side does better and better; a row was not ranked. */
function outcomeOf(batch: Batch): Outcome {
  const ranks = (best: number): Int32Array =>
    Int32Array.from({ length: batch.fresh }, (_, row) => (row === 1 ? -1 : (best + row) % 9));
  return {
    batch,
    ranks: { bystander: ranks(5), domain: ranks(4), language: ranks(Math.max(0, 6 - batch.sequence / 12)) },
  };
}
