import {
  defineSharingStrategy,
  EMPTY_STATE,
  z,
  type Batch,
  type Bridge,
  type Plan,
  type PredictionLesson,
  type SharingStrategy,
  type State,
} from '@tandem-rec/contract';

/**
 * The language side teaches the domain side what it believes about the items of each batch.
 *
 * @example
 * defineConfig({ domain: fism(), language: transformer(), sharing: myPlugin({ weight: 0.1 }) })
 */
export const myPlugin = defineSharingStrategy({
  id: 'my-plugin#myPlugin',
  summary: 'Predictions from the language side to the domain side.',
  options: z.strictObject({
    weight: z.number().min(0).default(0.1).describe('Weight of the lesson beside what the event itself teaches.'),
    temperature: z.number().positive().default(2).describe('Above 1 the lesson says more about what is not first.'),
  }),
  // Checked when a pipeline is composed: with a domain model that takes no predictions nothing starts.
  needs: {
    domain: { gives: [], takes: ['predictions'] },
    language: { gives: ['predictions'], takes: [] },
  },
  create: ({ weight, temperature }) => new MyPluginStrategy(weight, temperature),
});

class MyPluginStrategy implements SharingStrategy {
  readonly #weight: number;
  readonly #temperature: number;

  constructor(weight: number, temperature: number) {
    this.#weight = weight;
    this.#temperature = temperature;
  }

  async exchange(batch: Batch, { domain, language }: Bridge): Promise<Plan> {
    const teacher = language.find(({ gives }) => gives.includes('predictions'));
    const pupils = domain.filter(({ takes }) => takes.includes('predictions'));
    if (teacher === undefined || batch.size === 0) return { lessons: [] };
    const candidates = { kind: 'shared', items: Int32Array.from(new Set(batch.items)) } as const;
    const target = softmaxRows(await teacher.predict(batch, candidates), candidates.items.length, this.#temperature);
    const weight = new Float32Array(batch.size).fill(this.#weight);
    const lessons = pupils.map((pupil): PredictionLesson => ({
      kind: 'predictions',
      from: teacher.name,
      to: pupil.name,
      candidates,
      target,
      temperature: this.#temperature,
      weight,
    }));
    return { lessons };
  }

  save(): State {
    return EMPTY_STATE;
  }

  load(): void {}
}

/** Each row of `width` logits as probabilities at a temperature. */
function softmaxRows(logits: Float32Array, width: number, temperature: number): Float32Array {
  const probabilities = new Float32Array(logits.length);
  for (let start = 0; start < logits.length; start += width) {
    const row = logits.subarray(start, start + width);
    const highest = row.reduce((a, b) => Math.max(a, b), -Infinity);
    let sum = 0;
    for (let i = 0; i < width; i++) sum += probabilities[start + i] = Math.exp((row[i] - highest) / temperature);
    for (let i = 0; i < width; i++) probabilities[start + i] /= sum;
  }
  return probabilities;
}
