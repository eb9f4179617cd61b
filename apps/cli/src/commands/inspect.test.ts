import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Checkpoint } from '@tandem-rec/contract';
import { composeVariant } from '@tandem-rec/cotrainer';
import { local } from '@tandem-rec/store-local';
import { testEnvironment } from '@tandem-rec/testkit';
import { describe, expect, it } from 'vitest';
import { runCommand, temporaryFolder } from '../../test/run-command.ts';
import { inspectCommand } from './inspect.ts';

const CONFIG = `
name: films
domain: [{ use: fism, options: { dim: 8 } }, popularity]
language: { use: transformer, options: { encoder: subwords } }
sharing: bridge
fusion: mix
source: { use: eventLog, options: { file: events.sqlite } }
store: { use: local, options: { folder: run } }
`;

function configFile(text = CONFIG): { readonly file: string; readonly folder: string } {
  const folder = temporaryFolder();
  const file = join(folder, 'films.yaml');
  writeFileSync(file, text);
  return { file, folder };
}

async function openStore(folder: string) {
  return local.definition.create({ folder: join(folder, 'run'), keep: 3 }, testEnvironment());
}

describe('tandem inspect', () => {
  it('draws who sits at the table and who teaches what to whom', async () => {
    const { file } = configFile();
    const { out, json } = await runCommand(inspectCommand(), [file]);
    expect(out).toMatch(/^films · seed 42 · hash [0-9a-f]{12}\n/);
    expect(out).toMatch(/│ {2}│ {2}└─ tables item \(items × 8, adagrad\)/);
    expect(out).toContain('parameters: fism/item → transformer (reads)');
    expect(out).toContain('representations: transformer → bridge itself');
    expect(out).toContain('The run has no checkpoint yet.');
    expect(json).toMatchObject({
      name: 'films',
      participants: [
        { name: 'fism', role: 'domain' },
        { name: 'popularity' },
        { name: 'transformer', role: 'language' },
      ],
      sharing: {
        name: 'bridge',
        teaching: expect.arrayContaining([
          { knowledge: 'parameters', from: ['fism'], to: ['transformer'], table: 'item', access: 'read' },
        ]),
      },
      fusions: [{ name: 'mix' }],
      run: { deadLetters: { count: 0, newest: [] } },
    });
  });

  it('tells the newest checkpoint and the dead letters of a run that goes on', async () => {
    const { file, folder } = configFile();
    const { hash, description } = await composeVariant({ config: file, overrides: [] });
    const store = await openStore(folder);
    await store.lock();
    const checkpoint = (sequence: number, events: number): Checkpoint => ({
      sequence,
      atMs: Date.UTC(2026, 0, 2, 3, 4, 5),
      composition: { hash, description },
      platform: { backend: 'wasm', threads: 1 },
      offsets: { 0: 77 },
      journalSequence: 3,
      states: { loop: { version: 1, arrays: [], values: { events } } },
    });
    await store.write(checkpoint(1, 100));
    await store.write(checkpoint(2, 1234));
    await store.deadLetters.add([
      { partition: 1, offset: 9, code: 'TANDEM_RECORD_MALFORMED', reason: 'not JSON', value: '{oops', atMs: 5 },
    ]);
    const { out, json } = await runCommand(inspectCommand(), [file, '--dead-letters', '5']);
    await store.close();
    expect(out).toContain('Newest checkpoint: 2, 2026-01-02T03:04:05.000Z, 1,234 events');
    expect(out).toContain('written on backend wasm, threads 1');
    expect(out).toContain('partition 1, offset 9: TANDEM_RECORD_MALFORMED: not JSON\n    {oops');
    expect(json).toMatchObject({
      run: {
        checkpoint: { sequence: 2, events: 1234, offsets: { 0: 77 }, differences: [] },
        deadLetters: { count: 1 },
      },
    });

    const other = await runCommand(inspectCommand(), [file, '--set', 'domain[0].options.dim=16']);
    expect(other.out).toMatch(/by another composition.*\n\s+participants\.fism\.options\.dim: 8 → 16/);
    expect(other.out).not.toContain('{oops');
  });

  it('starts every part and says how long each took', async () => {
    const { file } = configFile(`${CONFIG}\nbackend: cpu\n`);
    const { out, json } = await runCommand(inspectCommand(), [file, '--start']);
    const { started } = json as {
      readonly started: { readonly parts: readonly { readonly name: string; readonly ms: number }[] };
    };
    expect(started.parts.map(({ name }) => name)).toEqual([
      'local',
      'fism',
      'popularity',
      'transformer',
      'bridge',
      'mix',
      'eventLog',
    ]);
    expect(started.parts.every(({ ms }) => ms >= 0)).toBe(true);
    expect(out).toMatch(/tfjs-cpu .* tensor backend +\d+/);
  });

  it('reports all errors of a configuration at once', async () => {
    const { file } = configFile('domain: { use: fism, options: { dimm: 8 } }\nsharing: bridge\nseeds: 1\n');
    await expect(runCommand(inspectCommand(), [file])).rejects.toThrow(
      expect.objectContaining({
        code: 'TANDEM_CONFIG_INVALID',
        message: expect.stringMatching(/Did you mean "seed"[^]*Did you mean "dim"/),
      }),
    );
  });
});
