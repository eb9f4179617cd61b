import { existsSync } from 'node:fs';
import { TestRunner } from 'vitest';

import { dataFolder, modelFolder } from './folders.ts';

/** Whether something a test needs is here, and what was found or is missing. */
export interface Availability {
  readonly available: boolean;
  readonly reason: string;
}

declare module 'vitest' {
  interface TaskMeta {
    /** Why tests of this file are skipped: shown at the end of a run. */
    missing?: string[];
  }
}

/**
 * Says whether what a test needs is here. Call it at the top of a test file and skip by it:
 *
 * ```ts
 * const data = requireOrSkip('data', 'ml-100k');
 * describe.skipIf(!data.available)('on MovieLens 100K', () => { … });
 * ```
 *
 * @param need `data` and `models` are looked up by folder name; of `kafka`, `native-tensorflow` and the npm `registry`
 *   others know whether they are here: pass what they answered
 * @throws Error where `TANDEM_REQUIRE`, a comma-separated list of needs, names it and it is missing
 */
export function requireOrSkip(need: 'data' | 'models', name: string): Availability;
export function requireOrSkip(need: 'kafka' | 'native-tensorflow' | 'registry', found: Availability): Availability;
export function requireOrSkip(need: string, subject: string | Availability): Availability {
  const availability = typeof subject === 'string' ? lookUp(need, subject) : subject;
  if (availability.available) return availability;
  if (required().includes(need)) throw new Error(`TANDEM_REQUIRE names ${need}, but ${availability.reason}`);
  const { meta } = TestRunner.getCurrentSuite().file;
  meta.missing = [...(meta.missing ?? []), availability.reason];
  return availability;
}

function lookUp(need: string, name: string): Availability {
  const folder = need === 'models' ? modelFolder(name) : dataFolder(name);
  return existsSync(folder)
    ? { available: true, reason: `${name} found` }
    : { available: false, reason: `${need}: ${name} not found` };
}

function required(): readonly string[] {
  return (process.env['TANDEM_REQUIRE'] ?? '').split(',').map((need) => need.trim());
}
