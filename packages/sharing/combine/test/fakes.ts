import {
  defineSharingStrategy,
  savedArray,
  z,
  type Lesson,
  type SharingStrategy,
  type State,
} from '@tandem-rec/contract';

/** What the fakes were told, in order. */
export const told: string[] = [];

const fields = {
  needs: { domain: { gives: [], takes: ['predictions', 'text'] }, language: { gives: ['text'], takes: [] } },
} as const;

/** Pulls the domain side’s item rows toward a constant, bears them there, and keeps a count and a random number. */
export const pull = defineSharingStrategy({
  id: 'test#pull',
  summary: 'Pulls.',
  options: z.strictObject({
    toward: z.number().default(1),
    weight: z.number().default(0.5),
    bears: z.boolean().default(false),
    fails: z.boolean().default(false),
  }),
  needs: { domain: { gives: ['parameters'], takes: [] }, language: { gives: [], takes: [] } },
  grants: [{ of: 'domain', table: 'item', access: 'read' }],
  create({ toward, weight, bears, fails }, { rng, name }): SharingStrategy {
    if (fails) throw new Error('sunk');
    let batches = new Float32Array(1);
    let drawn = 0;
    return {
      begin({ domain }) {
        for (const { tables } of domain) {
          tables['item']?.pull((_, targets, weights) => {
            targets.fill(toward);
            weights.fill(weight);
          });
          tables['item']?.initialise((_, into) => {
            if (bears) into.fill(toward);
            return bears;
          });
        }
      },
      async exchange() {
        batches[0]++;
        drawn = rng.next();
        return { lessons: [] };
      },
      observe: () => void told.push(`${name} observes`),
      close: () => void told.push(`close ${toward}`),
      save: (): State => ({
        version: 3,
        arrays: [{ name: 'batches', shape: [1], owner: 'common', data: batches }],
        values: { drawn },
      }),
      load(state) {
        const { version, values } = state;
        if (version !== 3) throw new Error(`version ${version}`);
        batches = savedArray(state, 'batches', Float32Array).slice();
        drawn = values['drawn'] as number;
      },
    };
  },
});

/** Two lessons a batch: text from language to domain, of weight 2; and predictions the other way. */
export const say = defineSharingStrategy({
  id: 'test#say',
  summary: 'Says.',
  options: z.strictObject({ learners: z.array(z.string()).optional(), both: z.boolean().default(false) }),
  needs: ({ both }) => ({
    domain: { gives: both ? ['predictions'] : [], takes: fields.needs.domain.takes },
    language: { gives: both ? ['text', 'predictions'] : ['text'], takes: both ? ['predictions'] : [] },
  }),
  grants: [{ of: 'domain', table: 'item', access: 'train' }],
  create: ({ learners, both }, { rng }): SharingStrategy => ({
    async exchange(batch, { domain, language }) {
      const [d, l] = [
        domain.find(({ takes }) => takes.includes('text'))!,
        language.find(({ gives }) => gives.includes('text'))!,
      ];
      const rows = batch.items.slice(0, 1);
      const text: Lesson = {
        kind: 'text',
        from: l.name,
        to: d.name,
        side: 'item',
        rows,
        texts: [`${rng.int(9)}`],
        weight: 2,
      };
      const width = 2;
      const predictions: Lesson = {
        kind: 'predictions',
        from: d.name,
        to: l.name,
        candidates: { kind: 'shared', items: Int32Array.of(0, 1) },
        target: new Float32Array(batch.size * width).fill(0.5),
        temperature: 1,
        weight: new Float32Array(batch.size).fill(3),
      };
      return { lessons: both ? [text, predictions] : [text], ...(learners && { learners }) };
    },
    save: () => ({ version: 1, arrays: [], values: {} }),
    load() {},
  }),
});
