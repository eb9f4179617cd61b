import {
  EMPTY_STATE,
  type ParticipantPart,
  type Plan,
  type RepresentationLesson,
  type Role,
  type SharingStrategy,
  type Side,
  type State,
} from '@tandem-rec/contract';
import { SeededRng } from '@tandem-rec/compute';
import { testEnvironment, TinyWorld, type Meeting } from '@tandem-rec/testkit';
import { align } from '../src/index.ts';

/** What texts say: three numbers a row. */
export function textVector(side: Side, row: number): readonly number[] {
  const rng = new SeededRng(row, side);
  return [rng.normal(), rng.normal(), rng.normal()];
}

/** Vectors of the domain model, two numbers a row, which follow from the texts: (a + 2b − 1, c). */
export function rowVector(side: Side, row: number): readonly number[] {
  const [a, b, c] = textVector(side, row);
  return [a + 2 * b - 1, c];
}

/** A domain model and a language model with vectors of different widths, a deaf domain model, and the strategy. */
export class Stage {
  readonly strategy: SharingStrategy;
  readonly world: TinyWorld;

  private constructor(strategy: SharingStrategy) {
    this.strategy = strategy;
    const seat = (name: string, role: Role, knows: readonly string[], vector: typeof textVector) => ({
      part: {
        kind: `${role}-model`,
        role,
        name,
        id: `test#${name}`,
        gives: knows,
        takes: knows,
        tables: [],
      } as unknown as ParticipantPart,
      instance: {
        attach() {},
        predict: async () => new Float32Array(0),
        represent: async (side: Side, rows: Int32Array) => {
          const vectors = [...rows].map((row) => vector(side, row));
          return { rows: rows.length, cols: vector(side, 0).length, data: Float32Array.from(vectors.flat()) };
        },
        save: (): State => EMPTY_STATE,
        load() {},
      },
    });
    this.world = new TinyWorld([
      seat('deaf', 'domain', [], rowVector),
      seat('rows', 'domain', ['representations'], rowVector),
      seat('words', 'language', ['representations'], textVector),
    ]);
  }

  static async open(options: Parameters<typeof align>[0]): Promise<Stage> {
    const { definition } = align;
    const stage = new Stage(await definition.create(definition.options.parse(options), testEnvironment()));
    stage.world.addItems(Array.from({ length: 30 }, (_, k) => ({ id: `i${k}`, text: { title: 't' }, categories: [] })));
    return stage;
  }

  /** The lessons for a batch, by `<from> → <to>, <side>`; its events count afterwards. */
  async live(meetings: readonly Meeting[]): Promise<Readonly<Record<string, RepresentationLesson>>> {
    const batch = this.world.meet(meetings);
    const { lessons }: Plan = await this.strategy.exchange(batch, this.world.module.bridge);
    this.world.count(batch);
    return Object.fromEntries(
      (lessons as readonly RepresentationLesson[]).map((lesson) => [
        `${lesson.from} → ${lesson.to}, ${lesson.side}`,
        lesson,
      ]),
    );
  }
}
