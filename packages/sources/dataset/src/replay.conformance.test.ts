import { defineDatasetReader, z } from '@tandem-rec/contract';
import { interactionSourceConformance, testEnvironment } from '@tandem-rec/testkit';
import { replay } from './index.ts';

const world = defineDatasetReader({
  id: 'test#world',
  summary: 'Forty events and three items.',
  options: z.strictObject({}),
  create: () => ({
    name: 'world',
    chronology: 'time',
    async *interactions() {
      for (let i = 0; i < 40; i++)
        yield {
          user: `ü${i % 4}`,
          item: `漢${(i * 7) % 9}`,
          atMs: 1_700_000_000_000 + ((i * 13) % 40) * 1000,
          kind: 'click',
          value: 1,
        };
    },
    async *items() {
      for (let i = 0; i < 3; i++) yield { id: `漢${i}`, text: { title: `🙂 ${i}` }, categories: [] };
    },
  }),
});

interactionSourceConformance({
  name: 'replay',
  create: () => ({
    source: () => replay.definition.create(replay.definition.options.parse({ dataset: world() }), testEnvironment()),
  }),
});
