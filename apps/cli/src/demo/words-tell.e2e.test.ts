import { defineConfig } from '@tandem-rec/contract';
import { openTensorBackend } from '@tandem-rec/compute';
import { syntheticWorld } from '@tandem-rec/dataset-synthetic';
import { gate } from '@tandem-rec/fusion-gate';
import { transformer } from '@tandem-rec/llm-transformer';
import { fism } from '@tandem-rec/model-history';
import { bridge } from '@tandem-rec/sharing-bridge';
import { none } from '@tandem-rec/sharing-none';
import { beforeAll, describe, expect, it } from 'vitest';
import { streamed } from '../../test/streamed.ts';

/** NDCG@10 of each expert over the last 80 % of a small world's stream. */
async function reached(
  wordsTell: number,
  sharing: ReturnType<typeof none> | ReturnType<typeof bridge>,
): Promise<Readonly<Record<string, number>>> {
  return streamed(
    defineConfig({
      seed: 42,
      dataset: syntheticWorld({ users: 400, items: 300, events: 9000, wordsTell }),
      domain: fism({ dim: 32 }),
      language: transformer({ encoder: 'subwords', features: 32, hidden: 32, dim: 32 }),
      sharing,
      fusion: gate(),
    }),
  );
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

  it('helps both sides when words tell, and costs the fusion little', async () => {
    const { fism: domain, transformer: language, gate: fused } = await gains(0.9);
    expect(domain).toBeGreaterThan(0.05);
    expect(language).toBeGreaterThan(0.05);
    // Lessons that wait until they were measured come too late here for more.
    expect(fused).toBeGreaterThan(-0.03);
  });
});
