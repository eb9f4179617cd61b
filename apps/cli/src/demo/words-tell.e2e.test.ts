import { defineConfig, type Composition } from '@tandem-rec/contract';
import { openTensorBackend } from '@tandem-rec/compute';
import { createHost, tableOf } from '@tandem-rec/cotrainer';
import { CoTrainer } from '@tandem-rec/cotraining';
import { streamDataset } from '@tandem-rec/data';
import { syntheticWorld } from '@tandem-rec/dataset-synthetic';
import { gate } from '@tandem-rec/fusion-gate';
import { compose, start } from '@tandem-rec/kernel';
import { transformer } from '@tandem-rec/llm-transformer';
import { fism } from '@tandem-rec/model-history';
import { bridge } from '@tandem-rec/sharing-bridge';
import { none } from '@tandem-rec/sharing-none';
import { beforeAll, describe, expect, it } from 'vitest';

/** NDCG@10 of each expert over the last 80 % of a small world's stream. */
async function reached(
  wordsTell: number,
  sharing: ReturnType<typeof none> | ReturnType<typeof bridge>,
): Promise<Record<string, number>> {
  const composition: Composition = await compose(
    defineConfig({
      seed: 42,
      dataset: syntheticWorld({ users: 400, items: 300, events: 9000, wordsTell }),
      domain: fism({ dim: 32 }),
      language: transformer({ encoder: 'subwords', features: 32, hidden: 32, dim: 32 }),
      sharing,
      fusion: gate(),
    }),
  );
  const host = createHost({
    seed: composition.seed,
    signal: new AbortController().signal,
    logLevel: 'silent',
    write: () => {},
  });
  const assembly = await start(composition, host, ['dataset', 'participants', 'sharing', 'fusions']);
  const trainer = new CoTrainer(tableOf(assembly, host), () => 0);
  await trainer.begin();
  const records = [...(await streamDataset(assembly.dataset!.instance)).records()].map(({ value }, offset) => ({
    partition: 0,
    offset,
    value,
  }));
  for (let from = 0; from < records.length; from += 64)
    await trainer.process(records.slice(from, from + 64), Date.UTC(2030, 0), new Set());
  await assembly.stop();
  const { experts } = trainer.prequential.summary({ skip: 0.2 });
  return Object.fromEntries(Object.entries(experts).map(([name, { ndcg }]) => [name, ndcg]));
}

describe('how much words tell', () => {
  beforeAll(async () => {
    await openTensorBackend({ prefer: 'wasm' });
  });

  const gains = async (wordsTell: number): Promise<Record<string, number>> => {
    const [alone, together] = [await reached(wordsTell, none()), await reached(wordsTell, bridge())];
    return Object.fromEntries(Object.keys(alone).map((name) => [name, together[name] / alone[name] - 1]));
  };

  it('gives the domain side nothing when words tell nothing, while behaviour still teaches the language side', async () => {
    const { fism: domain, transformer: language } = await gains(0);
    expect(Math.abs(domain)).toBeLessThan(0.03);
    expect(language).toBeGreaterThan(0.3);
  });

  it('helps both sides and the fusion when words tell', async () => {
    const { fism: domain, transformer: language, gate: fused } = await gains(0.9);
    expect(domain).toBeGreaterThan(0.05);
    expect(language).toBeGreaterThan(0.05);
    expect(fused).toBeGreaterThan(0);
  });
});
