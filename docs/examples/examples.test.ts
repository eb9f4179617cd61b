import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Composition } from '@tandem-rec/contract';
import { compose, loadConfig } from '@tandem-rec/kernel';
import { describe, expect, it } from 'vitest';

const composed = async (name: string, overrides: readonly string[] = []): Promise<Composition> =>
  compose(await loadConfig(fileURLToPath(new URL(name, import.meta.url)), { env: {}, overrides }));

describe('the example configurations', () => {
  it.each(['kafka', 'event-log'])('%s.config.ts and its YAML are one composition', async (name) => {
    const [typescript, yaml] = [await composed(`${name}.config.ts`), await composed(`${name}.config.yaml`)];
    expect(yaml.description).toEqual(typescript.description);
    expect(yaml.hash).toBe(typescript.hash);
    for (const part of ['source', 'store', 'name'] as const) expect(yaml[part]).toEqual(typescript[part]);
  });

  it('the source may change between runs without changing what a checkpoint belongs to', async () => {
    const kafka = await composed('kafka.config.yaml');
    const log = await composed('kafka.config.yaml', ['source={ use: eventLog, options: { file: events.sqlite } }']);
    expect(log.source!.id).not.toBe(kafka.source!.id);
    expect(log.hash).toBe(kafka.hash);
    const other = await composed('kafka.config.yaml', ['training.replay=1']);
    expect(other.hash).not.toBe(kafka.hash);
  });

  it('a password stays a reference', async () => {
    const sasl = 'source.options.sasl={ mechanism: plain, username: tandem, password: { env: KAFKA_PASSWORD } }';
    const { source } = await composed('kafka.config.yaml', [sasl]);
    expect(source!.options).toMatchObject({ sasl: { password: { env: 'KAFKA_PASSWORD' } } });
  });

  it('movielens.config.ts has what a comparison needs', async () => {
    const { dataset, evaluation, participants, sharing, fusions } = await composed('movielens.config.ts');
    expect(dataset!.id).toBe('@tandem-rec/dataset-files#movielens100k');
    expect(evaluation).toMatchObject({ split: { by: 'leave-one-out', minInteractions: 3 }, minValue: 4 });
    expect(participants.map(({ name }) => name)).toEqual(['fism', 'bpr', 'popularity', 'transformer']);
    expect([sharing!.name, fusions[0].name]).toEqual(['bridge', 'gate']);
  });

  it('beauty.config.ts trains both sides on whole timelines, and nobody stops before the rates have fallen', async () => {
    const { dataset, evaluation, participants, sharing, fusions } = await composed('beauty.config.ts');
    expect(dataset!.id).toBe('@tandem-rec/dataset-files#amazonSequential');
    expect(participants.map(({ name }) => name)).toEqual(['sasrec', 'transformer']);
    expect(participants[1].options).toMatchObject({ pooling: 'causal' });
    expect([sharing!.name, fusions[0].name]).toEqual(['combine', 'gate']);
    const { batches, annealing, epochs, patience, validateEvery } = evaluation;
    expect(batches).toBe('timelines');
    expect(patience * validateEvery).toBeGreaterThanOrEqual(epochs);
    expect(annealing!.from).toBeLessThan(1);
  });

  it('pretrained.config.ts warms up for fewer epochs than it trains, and composes without the weights', async () => {
    const { participants, evaluation } = await composed('pretrained.config.ts');
    const { options } = participants.find(({ name }) => name === 'transformer')!;
    expect(options).toMatchObject({ body: { model: 'all-MiniLM-L6-v2', train: 'lora', lora: { rank: 16 } } });
    const { warmUp } = (options as { readonly body: { readonly warmUp: number } }).body;
    // MovieLens 100K has 55,375 ratings of four and more.
    expect(warmUp).toBeLessThan(0.9 * evaluation.epochs * 55_375);
    expect(evaluation.patience).toBeGreaterThanOrEqual(evaluation.epochs);
  });

  it('encoder.config.ts composes without the encoder’s weights', async () => {
    const { participants, sharing } = await composed('encoder.config.ts');
    expect(participants.map(({ id }) => id)).toContain('@tandem-rec/llm-encoder#encoder');
    expect(sharing!.name).toBe('bridge');
  });

  it('langchain.config.ts composes without models and keys, which stay references', async () => {
    const { participants, description } = await composed('langchain.config.ts');
    const hosted = participants.find(({ role }) => role === 'language')!;
    expect(hosted.gives).toEqual(['representations', 'predictions']);
    expect(hosted.options).toMatchObject({ chat: { apiKey: { env: 'OPENAI_API_KEY' } } });
    expect(JSON.stringify(description)).toContain('gpt-5-mini');
  });

  it('goodreads.config.ts composes without the data, and with the control that its comment names', async () => {
    const { sharing, participants } = await composed('goodreads.config.ts', ['sharing.options.items.permute=true']);
    expect(participants[0].id).toContain('#lightgcn');
    expect(sharing!.options).toMatchObject({
      items: { from: 'file', permute: true },
      use: { id: '@tandem-rec/sharing-parameters#initialise', options: { by: 'components' } },
    });
  });

  const folder = fileURLToPath(new URL('models/', import.meta.url));
  it.each(readdirSync(folder))('models/%s composes, and each of its models has a page', async (file) => {
    const { dataset, source, participants } = await composed(`models/${file}`);
    expect(dataset ?? source).toBeDefined();
    for (const { id } of participants) {
      const page = id.split('#')[1].replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      expect(existsSync(fileURLToPath(new URL(`../models/${page}.md`, import.meta.url))), page).toBe(true);
    }
  });
});
