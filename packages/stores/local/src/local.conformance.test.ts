import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkpointStoreConformance, testEnvironment } from '@tandem-rec/testkit';
import { local } from './index.ts';

const newestIn = (folder: string): string => join(folder, readdirSync(folder).sort().at(-1)!);
const cut = (path: string): void => truncateSync(path, statSync(path).size - 3);

checkpointStoreConformance({
  name: 'local',
  create: () => {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-store-'));
    return {
      open: () => local.definition.create({ folder, keep: 3 }, testEnvironment()),
      damageNewest: () => cut(newestIn(join(folder, 'checkpoints'))),
      tearJournal: () => cut(newestIn(join(folder, 'journal'))),
      close: () => rmSync(folder, { recursive: true }),
    };
  },
});
