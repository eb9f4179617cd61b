import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkpointStoreConformance, testEnvironment } from '@tandem-rec/testkit';
import { myPlugin } from './index.ts';

checkpointStoreConformance({
  name: 'my-plugin#myPlugin',
  create: () => {
    const folder = mkdtempSync(join(tmpdir(), 'my-plugin-'));
    return {
      open: () => myPlugin.definition.create({ folder, keep: 3 }, testEnvironment()),
      damageNewest: () => {
        const newest = readdirSync(folder)
          .filter((name) => name.endsWith('.checkpoint'))
          .sort()
          .at(-1)!;
        writeFileSync(join(folder, newest), 'damaged');
      },
      tearJournal: () => {
        const journal = join(folder, 'journal.jsonl');
        truncateSync(journal, statSync(journal).size - 3);
      },
      close: () => rmSync(folder, { recursive: true }),
    };
  },
});
