import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

import * as exported from './index.ts';

it('announces every plugin it exports, and no other', () => {
  const { tandem } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const found = Object.entries(exported).map(([name, { kind, definition }]) => {
    expect(definition.id).toBe(`@tandem-rec/dataset-files#${name}`);
    return [name, { kind, summary: definition.summary }];
  });
  expect(tandem.plugins).toEqual(Object.fromEntries(found));
});
