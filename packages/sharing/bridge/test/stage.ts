import {
  EMPTY_STATE,
  type Batch,
  type Candidates,
  type Knowledge,
  type Outcome,
  type ParticipantPart,
  type Plan,
  type Role,
  type SharingStrategy,
  type State,
  type UserContexts,
} from '@tandem-rec/contract';
import { testEnvironment, TinyWorld } from '@tandem-rec/testkit';
import { bridge, type BridgeOptions } from '../src/index.ts';

const DIM = 2;

/** Logits of one user for some items. */
export type Opinion = (user: number, item: number) => number;

/** Text vectors as the language side of this stage has them: two numbers that follow from the row. */
export const vectorOf = (row: number): readonly [number, number] => [Math.cos(row), ((row * 7) % 5) - 2];

/** One domain model with item rows that no gradient moves, one language model with vectors, and the strategy between them. */
export class Stage {
  readonly strategy: SharingStrategy;
  readonly world: TinyWorld;
  /** What the participants believe; a test may change it. */
  readonly believes: { domain: Opinion; language: Opinion } = { domain: () => 0, language: () => 0 };

  private constructor(strategy: SharingStrategy, domainTakes: readonly Knowledge[]) {
    this.strategy = strategy;
    const seat = (name: 'rows' | 'words', role: Role) => ({
      part: {
        kind: `${role}-model`,
        role,
        name,
        id: `test#${name}`,
        gives: role === 'domain' ? ['parameters', 'predictions'] : ['representations', 'predictions'],
        takes: role === 'domain' ? domainTakes : ['parameters', 'predictions'],
        tables:
          role === 'domain'
            ? [{ name: 'item', side: 'item', dim: DIM, initialStd: 0, optimiser: { kind: 'sgd', learningRate: 1 } }]
            : [],
      } as unknown as ParticipantPart,
      instance: {
        attach() {},
        predict: async ({ size, users }: UserContexts, candidates: Candidates) =>
          Float32Array.from(
            Array.from({ length: size }, (_, b) =>
              [...candidates.items].map((item) => this.believes[role](users[b], item)),
            ).flat(),
          ),
        represent: async (_: unknown, rows: Int32Array) => ({
          rows: rows.length,
          cols: 2,
          data: Float32Array.from([...rows].flatMap(vectorOf)),
        }),
        save: (): State => EMPTY_STATE,
        load() {},
      },
    });
    this.world = new TinyWorld([seat('rows', 'domain'), seat('words', 'language')]);
  }

  /** Without the guard, unless it is asked for. */
  static async open(
    options: Parameters<typeof bridge>[0],
    domainTakes: readonly Knowledge[] = ['parameters', 'predictions'],
  ): Promise<Stage> {
    const parsed: BridgeOptions = bridge.definition.options.parse({ guard: { on: false }, ...options });
    const stage = new Stage(await bridge.definition.create(parsed, testEnvironment({ name: 'bridge' })), domainTakes);
    await stage.world.module.attach();
    await stage.strategy.begin?.(stage.world.module.bridge);
    return stage;
  }

  exchange(batch: Batch): Promise<Plan> {
    return this.strategy.exchange(batch, this.world.module.bridge);
  }

  /** Tells the strategy how the domain and the language side ranked the events of a batch. */
  observe(batch: Batch, rows: number, words: number): void {
    const ranks: Outcome['ranks'] = {
      rows: new Int32Array(batch.fresh).fill(rows),
      words: new Int32Array(batch.fresh).fill(words),
    };
    this.strategy.observe?.({ batch, ranks });
  }

  async arrive(from: number): Promise<void> {
    await this.strategy.arrive?.(this.world.allItems.subarray(from), this.world.module.bridge);
  }

  /** A row of the domain model's table. */
  row(item: number): readonly number[] {
    const into = new Float32Array(DIM);
    this.world.embeddings.table('rows/item').gather(Int32Array.of(item), into);
    return [...into];
  }

  assign(item: number, values: readonly number[]): void {
    this.world.embeddings.table('rows/item').assign(Int32Array.of(item), Float32Array.from(values));
  }

  /** A step of the domain model that touches a row and moves it by nothing of its own. */
  touch(...items: readonly number[]): void {
    const rowGradients = [
      { table: 'rows/item', rows: Int32Array.from(items), values: new Float32Array(items.length * DIM) },
    ];
    this.world.module.apply([{ name: 'rows', step: { losses: {}, rowGradients } }]);
  }
}
