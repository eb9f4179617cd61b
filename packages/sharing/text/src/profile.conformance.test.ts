import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sharingStrategyConformance } from '@tandem-rec/testkit';
import { afterAll } from 'vitest';
import { handOn } from '../test/hand-on.ts';
import { tinyBert } from '../test/tiny-bert.ts';
import { profile } from './profile.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-profiles-'));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'profiles.jsonl'), '{"id":"apple","text":"a fruit"}\n{"id":"iron","text":"a metal"}\n');

sharingStrategyConformance({
  use: profile({ items: { from: 'file', file: 'profiles.jsonl' }, encoder: tinyBert, use: handOn() }),
  environment: { folder },
});
sharingStrategyConformance({
  use: profile({ items: { from: 'describe' }, users: 'describe', encoder: tinyBert, use: handOn() }),
  environment: { folder },
});
