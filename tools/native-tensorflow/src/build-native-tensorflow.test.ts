import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { tf } from '@tandem-rec/compute';

import { buildNativeTensorFlow } from './build-native-tensorflow.ts';
import { packagesFolder, recipeIdentity } from './recipe.ts';

let parent: string;
beforeAll(async () => void (parent = await mkdtemp(join(tmpdir(), 'tandem-native-'))));
afterAll(() => rm(parent, { recursive: true }));

describe('the recipe', () => {
  it('installs the version of TensorFlow.js that compute uses', async () => {
    const { dependencies } = JSON.parse(await readFile(join(packagesFolder, 'package.json'), 'utf8')) as {
      readonly dependencies: Readonly<Record<string, string>>;
    };
    expect(dependencies['@tensorflow/tfjs-node']).toBe(tf.version_core);
  });
});

describe.skipIf(process.platform !== 'linux' || process.arch !== 'x64')('buildNativeTensorFlow', () => {
  it('does nothing where its result is', async () => {
    const folder = join(parent, 'built');
    await mkdir(folder);
    await writeFile(join(folder, 'complete'), recipeIdentity());
    const lines: string[] = [];
    expect(await buildNativeTensorFlow({ folder, progress: (line) => lines.push(line) })).toBe(false);
    expect(lines).toEqual([]);
  });

  it('leaves what was there, and nothing beside it, when a step fails', async () => {
    const folder = join(parent, 'older');
    await mkdir(folder);
    await writeFile(join(folder, 'complete'), 'of an older recipe');
    vi.stubEnv('PATH', join(parent, 'nothing'));
    await expect(buildNativeTensorFlow({ folder, progress: () => undefined })).rejects.toThrow(
      /npm could not be started/,
    );
    vi.unstubAllEnvs();
    expect(await readFile(join(folder, 'complete'), 'utf8')).toBe('of an older recipe');
    expect((await readdir(parent)).filter((name) => name.startsWith('older'))).toEqual(['older']);
  });
});
