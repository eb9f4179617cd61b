import { dirname } from 'node:path';
import { TandemError } from '@tandem-rec/contract';
import { bpr } from '@tandem-rec/model-factorisation';
import { dataFolder, requireOrSkip } from '@tandem-rec/testing';
import { describe, expect, it, vi } from 'vitest';
import { benchModels } from './bench-models.ts';
import { chosen } from './command.ts';
import { modelsText } from './report/report-text.ts';
import { verdict } from './report/split-tables.ts';
import { findSettings } from './settings/find-settings.ts';
import { SPLIT_NAMES } from './splits.ts';
import { restingSettings, STREAMED, streamedSettings } from './streamed-settings.ts';

const { available } = requireOrSkip('data', 'ml-100k');

describe('bench models', () => {
  it.skipIf(!available)(
    'measures a model in a process of its own, beside what is known of others',
    async () => {
      vi.stubEnv('TANDEM_DATA', dirname(dataFolder('any')));
      const { settings } = await findSettings();
      const notes: string[] = [];
      const report = await benchModels(chosen(settings, ['S1'], ['popularity']), {
        part: 'test',
        threads: 1,
        note: (line) => notes.push(line),
      });
      expect(report.failed).toEqual([]);
      const [row] = report.rows;
      expect(row).toMatchObject({ split: 'S1', model: 'popularity', epochs: 1, peer: { peer: 'numpy counts' } });
      expect(row.run).toMatchObject({ date: report.date, threads: 1 });
      // Computed with numpy from the same rows.
      expect(row.recall).toBeCloseTo(0.0807, 4);
      expect(row.ndcg).toBeCloseTo(0.0404, 3);
      for (const figure of [row.cpuSeconds, row.topkCpuSeconds, row.rssMb - 40]) expect(figure).toBeGreaterThan(0);
      expect(modelsText(report)).toMatch(/^popularity +0\.040\d/m);
      expect(notes.join('\n')).toContain('S1 popularity');
    },
    60_000,
  );

  it('says which model failed, and why, and goes on', async () => {
    const { settings } = await findSettings();
    const report = await benchModels([{ ...settings[0], model: 'a model of nobody' }], {
      part: 'test',
      threads: 1,
      note: () => {},
    });
    expect(report.failed).toEqual([
      { split: settings[0].split, model: 'a model of nobody', reason: expect.stringContaining('no setting') as string },
    ]);
  }, 60_000);

  it('reaches a floor as it is written, not beyond its last digit', () => {
    expect(verdict({ ndcg: 0.07096, recall: 0, goal: { ndcg: 0.071 } })).toBe('ok');
    expect(verdict({ ndcg: 0.07094, recall: 0, goal: { ndcg: 0.071 } })).toBe('below');
    expect(verdict({ ndcg: 0.08, recall: 0.1, goal: { ndcg: 0.071, recall: 0.2 } })).toBe('below');
    expect(verdict({ ndcg: 0.08, recall: 0.1 })).toBe('');
  });
});

describe('settings', () => {
  it('of every family load, one for each model on a split, with how they were found', async () => {
    const { settings, broken } = await findSettings();
    expect(broken).toEqual([]);
    const names = settings.map(({ split, model, stream }) => `${split} ${model}${stream ? STREAMED : ''}`);
    expect(new Set(names).size).toBe(names.length);
    for (const { split, epochs, tuned } of settings) {
      expect(SPLIT_NAMES).toContain(split);
      expect(epochs).toBeGreaterThan(0);
      expect(tuned.length).toBeGreaterThan(10);
    }
  });

  it('of a stream are those made for it, else those of training at rest', () => {
    const common = { split: 'S2', use: bpr(), epochs: 9, tuned: 'a grid', file: 'family.ts' } as const;
    const tuned = { ...common, model: 'bpr', epochs: 1, stream: { replay: 8 } };
    const all = [{ ...common, model: 'bpr' }, tuned, { ...common, model: 'warp' }, { ...common, model: 'popularity' }];
    expect(restingSettings(all).map(({ model }) => model)).toEqual(['bpr', 'warp', 'popularity']);
    expect(streamedSettings(all)).toEqual([
      tuned,
      { ...common, model: 'warp', epochs: 1, stream: { batch: 64, replay: 2 } },
    ]);
  });

  it('that are not there are refused with the name that was meant', () => {
    const all = [{ split: 'S1', model: 'popularity' } as const];
    const refusal = (splits: string[], models: string[]): string => {
      try {
        chosen(all, splits, models);
      } catch (error) {
        if (TandemError.is(error)) return `${error.code}: ${error.message}`;
      }
      return 'nothing refused';
    };
    expect(refusal([], ['populrity'])).toBe(
      'TANDEM_CLI_USAGE: There is no model "populrity"; did you mean popularity?',
    );
    expect(refusal(['S7'], [])).toMatch(/^TANDEM_CLI_USAGE: There is no split "S7"/);
    expect(refusal(['S2'], ['popularity'])).toMatch(/has no settings for S2/);
  });
});
