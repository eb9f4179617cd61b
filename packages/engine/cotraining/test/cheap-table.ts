import {
  trainingSchema,
  type Composition,
  type Fusion,
  type Grant,
  type Opinions,
  type Outcome,
  type Plan,
  type Rng,
  type SharingStrategy,
  type State,
  type TandemConfig,
} from '@tandem-rec/contract';
import { SeededRng } from '@tandem-rec/compute';
import type { Seat, Table } from '../src/index.ts';
import { CheapParticipant, ITEM_TABLE, seatOf } from './cheap-participant.ts';

/** What a test wants to be different. */
export interface TableChanges {
  readonly training?: TandemConfig['training'];
  readonly seed?: number;
  readonly grants?: readonly Grant[];
  readonly hash?: string;
  readonly seats?: (rng: (name: string) => Rng) => readonly Seat[];
  readonly strategy?: SharingStrategy;
  /** Whether participants remember what they were handed. */
  readonly keep?: boolean;
}

/** A domain model, a language model that trains the domain model's rows, a strategy with a prior and lessons, and a fusion. */
export function cheapTable({
  training,
  seed = 1,
  grants = [{ of: 'domain', table: 'item', access: 'train' }],
  hash = 'a',
  seats,
  strategy,
  keep = false,
}: TableChanges = {}): Table {
  const rngs = new Map<string, SeededRng>();
  const rng = (name: string): SeededRng => {
    const known = rngs.get(name) ?? new SeededRng(seed, name);
    rngs.set(name, known);
    return known;
  };
  const seated = seats?.(rng) ?? [
    seatOf('rows', 'domain', new CheapParticipant(rng('rows'), { keep }), { tables: [ITEM_TABLE] }),
    seatOf('words', 'language', new CheapParticipant(rng('words'), { keep })),
  ];
  const composition = {
    name: 'cheap',
    seed,
    participants: seated.map(({ part }) => part),
    sharing: { name: 'cheap-bridge' },
    grants,
    fusions: [{ name: 'sum' }],
    training: trainingSchema.parse(training ?? {}),
    limits: { callMs: Infinity },
    hash,
    description: { hash },
  } as unknown as Composition;
  return {
    composition,
    seats: seated,
    strategy: strategy ?? new CheapStrategy(rng('cheap-bridge')),
    fusions: [{ name: 'sum', instance: new WeightedSum() }],
    rng,
  };
}

/** Has a memory of everything a strategy is told, draws, teaches, and pulls rows toward a moving target. */
class CheapStrategy implements SharingStrategy {
  readonly #rng: Rng;
  readonly #memory = new Float64Array(3);

  constructor(rng: Rng) {
    this.#rng = rng;
  }

  begin({ domain }: Parameters<NonNullable<SharingStrategy['begin']>>[0]): void {
    for (const { tables } of domain)
      tables['item']?.pull((rows, targets, weights) => {
        targets.fill(this.#memory[0] / 100);
        weights.fill(0.01, 0, rows.length);
      });
  }

  async arrive(items: Int32Array): Promise<void> {
    this.#memory[1] += items.length;
  }

  observe({ ranks }: Outcome): void {
    for (const places of Object.values(ranks)) for (const place of places) this.#memory[2] += 1 / (place + 2);
  }

  async exchange(
    batch: Parameters<SharingStrategy['exchange']>[0],
    bridge: Parameters<SharingStrategy['exchange']>[1],
  ): Promise<Plan> {
    this.#memory[0] += this.#rng.next() - 0.5;
    const items = Int32Array.of(0);
    const scores = await bridge.language[0].predict(batch, { kind: 'shared', items });
    const weight = new Float32Array(batch.size).fill(Math.abs(scores[0]) + this.#memory[2] / 1000);
    return {
      lessons: [
        {
          kind: 'predictions',
          from: 'words',
          to: 'rows',
          candidates: { kind: 'shared', items },
          target: new Float32Array(batch.size).fill(1),
          temperature: 1,
          weight,
        },
      ],
    };
  }

  save(): State {
    return { version: 1, arrays: [{ name: 'memory', shape: [3], owner: 'common', data: this.#memory }], values: {} };
  }

  load({ arrays: [memory] }: State): void {
    this.#memory.set(memory.data as Float64Array);
  }
}

/** Learns how often it was asked. */
class WeightedSum implements Fusion {
  #learned = 0;

  attach(): void {}

  fuse({ users, items, experts }: Opinions): Float32Array {
    const fused = new Float32Array(users.size * items.length);
    for (const [e, { scores }] of experts.entries())
      for (let i = 0; i < fused.length; i++) fused[i] += scores[i] * (1 + (e + 1) * this.#learned);
    return fused;
  }

  learn({ experts }: Opinions, targets: Int32Array): void {
    this.#learned += 0.001 * targets.length + 1e-6 * (experts[0].scores[targets[0]] || 0);
  }

  save(): State {
    return { version: 1, arrays: [], values: { learned: this.#learned } };
  }

  load({ values }: State): void {
    this.#learned = values['learned'] as number;
  }
}
