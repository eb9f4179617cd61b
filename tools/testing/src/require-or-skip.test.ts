import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, TestRunner, vi } from 'vitest';

import { dataFolder, modelFolder } from './folders.ts';
import { requireOrSkip } from './require-or-skip.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-testing-'));
mkdirSync(join(folder, 'present'));
vi.stubEnv('TANDEM_DATA', folder);
vi.stubEnv('TANDEM_REQUIRE', 'kafka, data');

const found = requireOrSkip('data', 'present');
const missing = attempt(() => requireOrSkip('data', 'absent'));
vi.stubEnv('TANDEM_REQUIRE', '');
const skipped = requireOrSkip('data', 'absent');
const noted = [...(TestRunner.getCurrentSuite().file.meta.missing ?? [])];
delete TestRunner.getCurrentSuite().file.meta.missing;

afterAll(() => vi.unstubAllEnvs());

describe('requireOrSkip', () => {
  it('finds what is there', () => {
    expect(found.available).toBe(true);
  });

  it('fails where something required is missing', () => {
    expect(missing).toMatch(/TANDEM_REQUIRE names data, but data: absent not found/);
  });

  it('otherwise asks for a skip and notes the reason for the report', () => {
    expect(skipped).toEqual({ available: false, reason: 'data: absent not found' });
    expect(noted).toEqual(['data: absent not found']);
  });
});

describe('folders', () => {
  it('follow the environment', () => {
    expect(dataFolder('x')).toBe(join(folder, 'x'));
  });

  it('default to the folders beside the repository', () => {
    vi.stubEnv('TANDEM_MODELS', '');
    expect(modelFolder('x')).toBe(join(import.meta.dirname, '../../../../shared/models/x'));
  });
});

function attempt(act: () => unknown): string {
  try {
    act();
    return 'nothing thrown';
  } catch (error) {
    return String(error);
  }
}
