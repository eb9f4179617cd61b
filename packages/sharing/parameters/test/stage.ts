import {
  EMPTY_STATE,
  type Attachment,
  type CatalogueItem,
  type GrantedTable,
  type ParticipantPart,
  type Plan,
  type PluginUse,
  type Role,
  type SharingStrategy,
  type State,
} from '@tandem-rec/contract';
import { SeededRng } from '@tandem-rec/compute';
import { testEnvironment, TinyWorld, type Meeting } from '@tandem-rec/testkit';

export const DIM = 4;
export const FEATURES = 6;

/** What the text of an item says, in numbers that are not independent of each other; the mean is not zero. */
export function vectorOf(row: number): readonly number[] {
  const rng = new SeededRng(row, 'text');
  const [a, b, c] = [rng.normal(), rng.normal() / 2, rng.normal() / 4];
  return [a + 1, b - a, c + b, a - c, 2 * b + 1, a + b + c];
}

/** A domain model with item rows that no gradient moves by itself, and a language model that has vectors. */
export class Stage {
  readonly strategy: SharingStrategy;
  readonly world: TinyWorld;
  /** The item rows as the language model sees them. */
  shared!: GrantedTable;

  private constructor(strategy: SharingStrategy, text: typeof vectorOf) {
    this.strategy = strategy;
    const seat = (name: 'rows' | 'words', role: Role) => ({
      part: {
        kind: `${role}-model`,
        role,
        name,
        id: `test#${name}`,
        gives: role === 'domain' ? ['parameters'] : ['representations'],
        takes: ['parameters'],
        tables:
          role === 'domain'
            ? [{ name: 'item', side: 'item', dim: DIM, initialStd: 0.1, optimiser: { kind: 'sgd', learningRate: 1 } }]
            : [],
      } as unknown as ParticipantPart,
      instance: {
        attach: ({ shared: [table] }: Attachment) => {
          if (table) this.shared = table;
        },
        predict: async () => new Float32Array(0),
        represent: async (_: unknown, rows: Int32Array) => ({
          rows: rows.length,
          cols: FEATURES,
          data: Float32Array.from([...rows].flatMap(text)),
        }),
        save: (): State => EMPTY_STATE,
        load() {},
      },
    });
    this.world = new TinyWorld(
      [seat('rows', 'domain'), seat('words', 'language')],
      [{ of: 'domain', table: 'item', access: 'read' }],
    );
  }

  /** `text`: what the language side takes an item's text to say. `saved`: goes on from there. */
  static async open(
    { definition, options }: PluginUse<'sharing-strategy'>,
    text = vectorOf,
    saved?: State,
  ): Promise<Stage> {
    const strategy = await definition.create(definition.options.parse(options) as never, testEnvironment());
    const stage = new Stage(strategy, text);
    await stage.world.module.attach();
    if (saved) await stage.strategy.load(saved);
    await stage.strategy.begin?.(stage.world.module.bridge);
    return stage;
  }

  /** Items come into the catalogue, those of `silent` without text. */
  async arrive(count: number, silent: readonly number[] = []): Promise<void> {
    const from = this.world.items;
    const rows = Array.from({ length: count }, (_, k) => from + k);
    this.world.addItems(
      rows.map((row): CatalogueItem => {
        const text: CatalogueItem['text'] = silent.includes(row) ? {} : { title: `t${row}` };
        return { id: `i${row}`, text, categories: [] };
      }),
    );
    await this.strategy.arrive?.(Int32Array.from(rows), this.world.module.bridge);
  }

  /** A batch in which everybody named meets an item; counts include it afterwards. */
  async live(meetings: readonly Meeting[]): Promise<Plan> {
    const batch = this.world.meet(meetings);
    const plan = await this.strategy.exchange(batch, this.world.module.bridge);
    this.world.count(batch);
    return plan;
  }

  row(item: number): readonly number[] {
    const into = new Float32Array(DIM);
    this.world.embeddings.table('rows/item').gather(Int32Array.of(item), into);
    return [...into];
  }

  rows(count: number): readonly (readonly number[])[] {
    return Array.from({ length: count }, (_, item) => this.row(item));
  }

  assign(item: number, values: readonly number[]): void {
    this.world.embeddings.table('rows/item').assign(Int32Array.of(item), Float32Array.from(values));
  }

  /** A step of the domain model that moves items' rows by `move` in each coordinate. */
  step(items: readonly number[], move = 0): void {
    const values = new Float32Array(items.length * DIM).fill(-move);
    const rowGradients = [{ table: 'rows/item', rows: Int32Array.from(items), values }];
    this.world.module.apply([{ name: 'rows', step: { losses: {}, rowGradients } }]);
  }
}
