import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registryReachable, requireOrSkip } from '@tandem-rec/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { Outside } from '../test/outside.ts';
import { packWorkspace } from './pack-workspace.ts';

const registry = requireOrSkip('registry', await registryReachable());

const CONFIG = `
name: third party
domain: [myModel, { use: fism, options: { dim: 8 } }]
dataset: { use: syntheticWorld, options: { users: 60, items: 150, events: 1500 } }
source: { use: eventLog, options: { file: events.sqlite } }
store: { use: local, options: { folder: run } }
training: { replay: 0 }
`;

/** What a stranger does who has nothing of us but what we publish, on Node as it is. */
describe.skipIf(!registry.available)('a plugin package outside the repository, from tarballs only', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-outside-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  let outside: Outside;
  const tandem = (...args: readonly string[]) => outside.run('app', 'node_modules/.bin/tandem', ...args);

  beforeAll(async () => {
    outside = new Outside(folder, await packWorkspace(join(folder, 'tarballs')));
    mkdirSync(join(folder, 'app'));
    const app = { name: 'app', private: true, type: 'module', dependencies: { '@tandem-rec/cli': '^0.1.0' } };
    writeFileSync(join(folder, 'app/package.json'), JSON.stringify(app));
    await outside.install('app');
  });

  it('is written, passes its conformance suite, is built and packed', async () => {
    await tandem('create', 'plugin', 'domain-model', 'my-model', '--dir', '../my-model');
    await outside.install('my-model');
    await outside.run('my-model', 'npm', 'test', '--', '--reporter=json', '--outputFile=results.json');
    const results = outside.json<{ numPassedTests: number; numFailedTests: number }>('my-model', 'results.json');
    expect(results.numFailedTests).toBe(0);
    expect(results.numPassedTests).toBeGreaterThan(15);
    await outside.run('my-model', 'npm', 'pack', '--pack-destination', folder);
  });

  it('is found by its name, composed, started and trained beside ours', async () => {
    writeFileSync(
      join(folder, 'app/package.json'),
      JSON.stringify({
        ...outside.json<object>('app', 'package.json'),
        dependencies: { '@tandem-rec/cli': '^0.1.0', 'my-model': 'file:../my-model-0.1.0.tgz' },
      }),
    );
    await outside.install('app');
    const { packages } = outside.json<{ packages: Record<string, { resolved?: string; link?: boolean }> }>(
      'app',
      'package-lock.json',
    );
    const ours = Object.entries(packages).filter(([path]) => /node_modules\/(@tandem-rec\/[^/]+|my-model)$/.test(path));
    expect(ours.length).toBeGreaterThan(20);
    for (const [path, { resolved, link }] of ours)
      expect({ path, resolved, link }).toEqual({
        path,
        resolved: expect.stringMatching(/^file:.*\.tgz$/),
        link: undefined,
      });

    writeFileSync(join(folder, 'app/tandem.config.yaml'), CONFIG);
    await tandem('inspect', '.', '--start', '--json', 'inspected.json');
    const inspected = outside.json<{
      participants: { name: string; plugin: string }[];
      started: { parts: { name: string }[] };
    }>('app', 'inspected.json');
    expect(inspected.participants[0]).toMatchObject({ name: 'myModel', plugin: 'my-model#myModel' });
    expect(inspected.started.parts.map(({ name }) => name)).toContain('myModel');

    await tandem('replay', 'config', '--to', 'config', '--config', '.', '--json', 'replayed.json');
    const { interactions } = outside.json<{ interactions: number }>('app', 'replayed.json');
    await tandem('start', '.', '--once', '--json', 'learned.json');
    const learned = outside.json<{
      events: number;
      deadLetters: number;
      prequential: Record<string, { 'ndcg@10': number; ranked: number }>;
    }>('app', 'learned.json');
    expect(learned).toMatchObject({ events: interactions, deadLetters: 0 });
    expect(learned.prequential['myModel']).toMatchObject({ ranked: interactions });
    expect(learned.prequential['myModel']!['ndcg@10']).toBeGreaterThan(0.01);
  });
});
