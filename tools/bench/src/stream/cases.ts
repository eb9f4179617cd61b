import type { TandemConfig } from '@tandem-rec/contract';
import { gate } from '@tandem-rec/fusion-gate';
import { transformer } from '@tandem-rec/llm-transformer';
import { bpr } from '@tandem-rec/model-factorisation';
import { fism } from '@tandem-rec/model-history';
import { itemKnn, popularity } from '@tandem-rec/model-neighbourhood';
import { bridge } from '@tandem-rec/sharing-bridge';

/** A composition whose way through the loop is measured. Source and store are added by whoever runs it. */
export interface StreamCase {
  readonly name: string;
  readonly summary: string;
  /** How many events are enough to be measured. */
  readonly events: number;
  readonly config: TandemConfig;
}

// A catalogue is ranked at a thousand times the cost of learning an event by `bpr`: at high rates a share is ranked.
const FAST = { batch: { events: 512 }, replay: 0 } as const;

export const CASES: readonly StreamCase[] = [
  {
    name: 'bpr-ranked',
    summary: 'bpr d=64, every event ranked, batches of 512, no replay',
    events: 100_000,
    config: { domain: bpr({ dim: 64, negatives: 1 }), training: FAST },
  },
  {
    name: 'bpr',
    summary: 'bpr d=64, 1 % ranked, batches of 512, no replay',
    events: 100_000,
    config: { domain: bpr({ dim: 64, negatives: 1 }), training: { ...FAST, rank: { share: 0.01 } } },
  },
  {
    name: 'fism',
    summary: 'fism, every event ranked, the default training (batches of 64, two replays an event)',
    events: 20_000,
    config: { domain: fism() },
  },
  {
    name: 'default',
    summary: 'the default: fism, itemKnn, popularity, transformer (subwords), bridge, gate; the default training',
    events: 10_000,
    config: {
      domain: [fism(), itemKnn(), popularity()],
      language: transformer({ encoder: 'subwords' }),
      sharing: bridge(),
      fusion: gate(),
    },
  },
];
