import { describe, expect, it } from 'vitest';
import { benchStream } from './bench-stream.ts';
import { CASES } from './cases.ts';
import { growthText, streamText } from './report.ts';

describe('bench stream', () => {
  it('counts every event of the stream and where its time went', async () => {
    const report = await benchStream([CASES[0]], { events: 1500, share: 1, growth: true }, () => {});
    const [small] = report.cases;
    expect(small).toMatchObject({ name: 'bpr-ranked', events: 1500, items: 1682, rankedShare: 1, checkpoints: 1 });
    for (const stage of ['read', 'decode', 'dedupe', 'rank', 'learn', 'apply', 'checkpoint'])
      expect(small.stagesUs[stage]).toBeGreaterThan(0);
    const stages = Object.values(small.stagesUs).reduce((sum, us) => sum + us, 0);
    expect(stages * 1500).toBeCloseTo(small.run.cpuMs * 1000, 0);
    expect(small.waitUs.journal).toBeGreaterThan(0);
    expect(small.peakMemoryMb).toBeGreaterThan(20);
    expect(report.grown[0].items).toBe(16_820);

    expect(streamText(report)).toMatch(/^events +1,500$/m);
    expect(growthText(report)).toMatch(/bpr-ranked +1,682 → 16,820/);
  }, 120_000);
});
