import {
  EMPTY_STATE,
  type Batch,
  type Candidates,
  type Lesson,
  type Outcome,
  type ParticipantPart,
  type PredictionLesson,
  type Role,
  type SharingStrategy,
  type UserContexts,
} from '@tandem-rec/contract';
import { testEnvironment, TinyWorld } from '@tandem-rec/testkit';
import { distil } from '../src/index.ts';

/** Logits of one item for everybody, by participant. */
export type Opinions = Readonly<Record<'rows' | 'words' | 'third', (user: number, item: number) => number>>;

/** A domain model, a language model, a third expert that learns nothing, and the strategy between them. */
export class Stage {
  readonly strategy: SharingStrategy;
  readonly world: TinyWorld;

  private constructor(strategy: SharingStrategy, opinions: Opinions) {
    this.strategy = strategy;
    const seat = (name: keyof Opinions, role: Role, takes: readonly string[]) => ({
      part: {
        kind: `${role}-model`,
        role,
        name,
        id: `test#${name}`,
        gives: ['predictions'],
        takes,
        tables: [],
      } as unknown as ParticipantPart,
      instance: {
        attach() {},
        predict: async ({ size, users }: UserContexts, { items }: Candidates) =>
          Float32Array.from({ length: size * items.length }, (_, at) =>
            opinions[name](users[Math.floor(at / items.length)], items[at % items.length]),
          ),
        save: () => EMPTY_STATE,
        load() {},
      },
    });
    this.world = new TinyWorld([
      seat('rows', 'domain', ['predictions']),
      seat('third', 'domain', []),
      seat('words', 'language', ['predictions']),
    ]);
  }

  static async open(options: Parameters<typeof distil>[0], opinions: Partial<Opinions>): Promise<Stage> {
    const nothing = (): number => 0;
    return new Stage(
      await distil.definition.create(
        distil.definition.options.parse({
          guard: { on: false },
          ...options,
          schedule: { fromEvents: 0, ...options?.schedule },
        }),
        testEnvironment(),
      ),
      { rows: nothing, words: nothing, third: nothing, ...opinions },
    );
  }

  /** A batch in which user u meets item u, after nothing. */
  meet(count: number): Batch {
    this.world.addItems(Array.from({ length: count }, (_, i) => ({ id: `i${i}`, text: {}, categories: [] })));
    return this.world.meet(Array.from({ length: count }, (_, k) => [`u${k}`, `i${k}`] as const));
  }

  /** The lessons by `from → to`. */
  async exchange(batch: Batch): Promise<Readonly<Record<string, PredictionLesson>>> {
    const { lessons } = await this.strategy.exchange(batch, this.world.module.bridge);
    return Object.fromEntries(lessons.map((lesson: Lesson) => [`${lesson.from} → ${lesson.to}`, lesson])) as Readonly<
      Record<string, PredictionLesson>
    >;
  }

  observe(batch: Batch, ranks: Outcome['ranks']): void {
    this.strategy.observe?.({ batch, ranks });
  }
}

/** Probabilities of logits at a temperature. */
export function softmax(logits: readonly number[], temperature = 1): readonly number[] {
  const powers = logits.map((logit) => Math.exp(logit / temperature));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}
