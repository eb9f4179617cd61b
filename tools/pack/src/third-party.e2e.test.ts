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
domain: [{ use: fism, options: { dim: 8 } }, myModel]
language: myWords
sharing: myExchange
dataset: { use: syntheticWorld, options: { users: 60, items: 150, events: 1500 } }
source: { use: eventLog, options: { file: events.sqlite } }
store: { use: local, options: { folder: run } }
training: { replay: 0 }
`;

/** Packages of strangers: a community model, a language model and a strategy between language and community. */
const PACKAGES = [
  ['domain-model', 'my-model'],
  ['language-model', 'my-words'],
  ['sharing-strategy', 'my-exchange'],
] as const;

/** What a stranger does who has nothing of us but what we publish, on Node as it is. */
describe.skipIf(!registry.available)('plugin packages outside the repository, from tarballs only', () => {
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

  it.each(PACKAGES)('a %s is written, passes its conformance suite, is built and packed', async (kind, name) => {
    await tandem('create', 'plugin', kind, name, '--dir', `../${name}`);
    await outside.install(name);
    await outside.run(name, 'npm', 'test', '--', '--reporter=json', '--outputFile=results.json');
    const results = outside.json<{ numPassedTests: number; numFailedTests: number }>(name, 'results.json');
    expect(results.numFailedTests).toBe(0);
    expect(results.numPassedTests).toBeGreaterThan(5);
    await outside.run(name, 'npm', 'pack', '--pack-destination', folder);
  });

  it('are found by their names, composed, started and trained beside ours', async () => {
    writeFileSync(
      join(folder, 'app/package.json'),
      JSON.stringify({
        ...outside.json<object>('app', 'package.json'),
        dependencies: {
          '@tandem-rec/cli': '^0.1.0',
          ...Object.fromEntries(PACKAGES.map(([, name]) => [name, `file:../${name}-0.1.0.tgz`])),
        },
      }),
    );
    await outside.install('app');
    const { packages } = outside.json<{ packages: Record<string, { resolved?: string; link?: boolean }> }>(
      'app',
      'package-lock.json',
    );
    const ours = Object.entries(packages).filter(([path]) => /node_modules\/(@tandem-rec\/[^/]+|my-\w+)$/.test(path));
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
    expect(inspected.participants.map(({ plugin }) => plugin)).toEqual([
      expect.stringMatching(/#fism$/),
      'my-model#myModel',
      'my-words#myWords',
    ]);
    expect(inspected.started.parts.map(({ name }) => name)).toEqual(expect.arrayContaining(['myModel', 'myWords']));

    await tandem('replay', 'config', '--to', 'config', '--config', '.', '--json', 'replayed.json');
    const { interactions } = outside.json<{ interactions: number }>('app', 'replayed.json');
    await tandem('start', '.', '--once', '--json', 'learned.json');
    const learned = outside.json<{
      events: number;
      deadLetters: number;
      prequential: Record<string, { 'ndcg@10': number; ranked: number }>;
    }>('app', 'learned.json');
    expect(learned).toMatchObject({ events: interactions, deadLetters: 0 });
    for (const name of ['fism', 'myModel', 'myWords']) {
      expect(learned.prequential[name], name).toMatchObject({ ranked: interactions });
      expect(learned.prequential[name]!['ndcg@10'], name).toBeGreaterThan(0.01);
    }
  });
});
