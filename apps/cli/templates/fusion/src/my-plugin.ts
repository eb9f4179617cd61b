import {
  defineFusion,
  EMPTY_STATE,
  z,
  type Fusion,
  type Opinions,
  type Scores,
  type State,
} from '@tandem-rec/contract';

/**
 * The mean of what the experts believe: z = log (Σ_e p_e / E), p_e the softmax of an expert's logits.
 *
 * @example
 * defineConfig({ domain: fism(), language: transformer(), fusion: myPlugin() })
 */
export const myPlugin = defineFusion({
  id: 'my-plugin#myPlugin',
  summary: 'The mean of the experts’ probabilities.',
  options: z.strictObject({
    temperature: z
      .number()
      .positive()
      .default(1)
      .describe('Above 1 every expert is taken to be less sure than it says.'),
  }),
  create: ({ temperature }) => new MyPluginFusion(temperature),
});

class MyPluginFusion implements Fusion {
  readonly #temperature: number;

  constructor(temperature: number) {
    this.#temperature = temperature;
  }

  attach(): void {}

  fuse({ users, items, experts }: Opinions): Scores {
    const width = items.length;
    const fused = new Float32Array(users.size * width);
    for (const { scores } of experts) {
      for (let start = 0; start < fused.length; start += width) {
        const row = scores.subarray(start, start + width);
        const highest = row.reduce((a, b) => Math.max(a, b), -Infinity);
        // An expert that excludes everything has nothing to say.
        if (highest === -Infinity) continue;
        const weights = row.map((score) => Math.exp((score - highest) / this.#temperature));
        const sum = weights.reduce((a, b) => a + b, 0);
        for (let i = 0; i < width; i++) fused[start + i] += weights[i] / sum / experts.length;
      }
    }
    for (let i = 0; i < fused.length; i++) fused[i] = excluded(experts, i) ? -Infinity : Math.log(fused[i] + 1e-30);
    return fused;
  }

  save(): State {
    return EMPTY_STATE;
  }

  load(): void {}
}

/** True where no expert holds the item possible: above all what the user has met already. */
const excluded = (experts: Opinions['experts'], at: number): boolean =>
  experts.every(({ scores }) => scores[at] === -Infinity);
