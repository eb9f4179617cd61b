import {
  z,
  type Batch,
  type Bridge,
  type BridgeParticipant,
  type Matrix,
  type RepresentationLesson,
  type Rng,
  type Role,
  type Rows,
  type Side,
  type State,
} from '@tandem-rec/contract';
import { PerParticipant } from './per-participant.ts';
import { represented } from './represented.ts';
import type { Turn } from './schedule.ts';
import { allRows } from '@tandem-rec/compute';
import { Translation, translationOptions } from './translation.ts';

/** How vectors are taught: options of strategies that do. */
export const vectorOptions = {
  variant: z
    .enum(['contrastive', 'generative'])
    .default('contrastive')
    .describe(
      'A vector must be found by the other side’s vector of the same user or item among those of others (RLMRec-Con), or a random share of vectors is reconstructed from the other side’s (RLMRec-Gen).',
    ),
  sides: z
    .array(z.enum(['item', 'user']))
    .min(1)
    .default(['item', 'user'])
    .describe('Whose vectors come near each other.'),
  temperature: z.number().positive().default(0.2).describe('τ of the contrastive loss.'),
  candidates: z
    .int()
    .min(2)
    .default(256)
    .describe(
      'Items in one lesson: those of the batch, and others drawn uniformly. Users: at most so many of the batch.',
    ),
  masked: z.number().gt(0).max(1).default(0.2).describe('`generative`: share of a lesson’s rows to reconstruct.'),
  minCount: z
    .int()
    .min(1)
    .default(5)
    .describe('A domain model’s vector counts for something once its user or item was met so often.'),
  translation: translationOptions
    .prefault({})
    .describe('Domain models get the other side’s vectors in their own space, by a ridge regression.'),
};

const VECTOR_OPTIONS = z.strictObject(vectorOptions);

/** Validated options of lessons of vectors. */
export type VectorOptions = z.output<typeof VECTOR_OPTIONS>;

/**
 * Lessons of representations, from the first of each role that gives some to all of the other that take them: contrastive
 * (InfoNCE) or generative (cosine over a random share of rows), about users and items of the batch. What goes to a domain
 * model that gives vectors, too, is translated into its own space.
 */
export class VectorLessons {
  readonly #options: VectorOptions;
  readonly #rng: Rng;
  /** By `<student>:<side>`. */
  readonly #translations: PerParticipant<Translation>;

  constructor(options: VectorOptions, rng: Rng) {
    this.#options = options;
    this.#rng = rng;
    this.#translations = new PerParticipant(() => new Translation(options.translation));
  }

  /** Lessons for those who are taught in this turn, of this weight. */
  async of(batch: Batch, bridge: Bridge, { weight, taught }: Turn): Promise<RepresentationLesson[]> {
    if (weight === 0) return [];
    const lessons: RepresentationLesson[] = [];
    for (const side of this.#options.sides) {
      const rows = this.#rowsOf(side, batch, bridge);
      for (const role of ['domain', 'language'] as const) {
        const teacher = bridge[role === 'domain' ? 'language' : 'domain'].find(gives);
        if (!taught[role] || !teacher) continue;
        for (const student of bridge[role].filter(takes))
          lessons.push(...(await this.#lesson({ teacher, student, side, weight }, rows[role], bridge)));
      }
    }
    return lessons;
  }

  save(): State {
    return this.#translations.save();
  }

  /** Throws `TANDEM_STATE_MISMATCH`. */
  load(state: Pick<State, 'arrays' | 'values'>): void {
    this.#translations.load(state);
  }

  /** Rows to teach each role about: of what a domain model teaches, only those that it has met. */
  #rowsOf(side: Side, batch: Batch, { catalogue, statistics }: Bridge): Readonly<Record<Role, Rows>> {
    const { candidates, minCount } = this.#options;
    const chosen = new Set(side === 'item' ? batch.items : batch.users);
    if (side === 'item') {
      const size = Math.min(candidates, catalogue.size);
      while (chosen.size < size) chosen.add(this.#rng.int(catalogue.size));
    }
    const rows = Int32Array.from(chosen).slice(0, candidates);
    return { domain: rows, language: rows.filter((row) => countsOf(side, statistics)[row] >= minCount) };
  }

  async #lesson(taught: Taught, wanted: Rows, bridge: Bridge): Promise<RepresentationLesson[]> {
    const { variant, temperature, masked } = this.#options;
    const { teacher, student, side, weight } = taught;
    const rows = variant === 'contrastive' ? wanted : wanted.filter(() => this.#rng.next() < masked);
    const target = await this.#target(taught, rows, bridge);
    if (rows.length < 2 || !target) return [];
    const loss = variant === 'contrastive' ? 'info-nce' : 'cosine';
    return [
      { kind: 'representations', from: teacher.name, to: student.name, side, rows, target, loss, temperature, weight },
    ];
  }

  /** The teacher's vectors, in the student's space where it has to be; undefined while that is not known. */
  async #target(
    { teacher, student, side }: Taught,
    rows: Rows,
    { catalogue, statistics }: Bridge,
  ): Promise<Matrix | undefined> {
    const { translation, minCount } = this.#options;
    if (student.role === 'language' || !translation.on || !gives(student)) {
      const vectors = await represented(teacher, side, rows, catalogue);
      // The lesson outlives the teacher's next answer.
      return { ...vectors, data: vectors.data.slice(0, rows.length * vectors.cols) };
    }
    const counts = countsOf(side, statistics);
    const known = allRows(side === 'item' ? catalogue.size : statistics.users).filter((row) => counts[row] >= minCount);
    const own = this.#translations.of(`${student.name}:${side}`);
    await own.update({ teacher, student, side, known, catalogue });
    return own.of(await represented(teacher, side, rows, catalogue));
  }
}

/** Who teaches whom about what, how loud. */
interface Taught {
  readonly teacher: BridgeParticipant;
  readonly student: BridgeParticipant;
  readonly side: Side;
  readonly weight: number;
}

const gives = (participant: BridgeParticipant): boolean => participant.gives.includes('representations');
const takes = (participant: BridgeParticipant): boolean => participant.takes.includes('representations');
const countsOf = (side: Side, { itemCounts, userCounts }: Bridge['statistics']): Float32Array =>
  side === 'item' ? itemCounts : userCounts;
