import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { interactionSourceConformance, testEnvironment } from '@tandem-rec/testkit';
import { myPlugin } from './index.ts';

interactionSourceConformance({
  name: 'my-plugin#myPlugin',
  create: () => {
    const folder = mkdtempSync(join(tmpdir(), 'my-plugin-'));
    const file = join(folder, 'events.jsonl');
    const records = Array.from({ length: 20 }, (_, i) => ({
      user: `user ${i % 3}`,
      item: `item ${i % 7}`,
      at: 1_700_000_000_000 + i,
    }));
    writeFileSync(file, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
    return {
      source: () => myPlugin.definition.create({ file }, testEnvironment()),
      close: () => rmSync(folder, { recursive: true }),
    };
  },
});
