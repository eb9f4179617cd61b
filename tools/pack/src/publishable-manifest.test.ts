import { describe, expect, it } from 'vitest';

import { commandFiles, publishableManifest } from './publishable-manifest.ts';

const manifest = {
  name: '@tandem-rec/example',
  version: '1.2.3',
  type: 'module',
  engines: { node: '>=22.18.0' },
  exports: {
    '.': { '@tandem-rec/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' },
    './worker': { node: { '@tandem-rec/source': './src/worker.ts', default: './dist/worker.js' } },
    './package.json': './package.json',
  },
  bin: { example: './src/main.ts' },
  files: ['dist', '!dist/**/*.tsbuildinfo'],
  scripts: { build: 'x' },
  nx: { tags: [] },
  dependencies: { zod: '4.6.7' },
  devDependencies: { vitest: '4.1.12' },
  tandem: { plugins: ['.'] },
};

describe('publishableManifest', () => {
  const published = publishableManifest(manifest);

  it('drops the source condition at every depth and leaves the other conditions in order', () => {
    expect(JSON.stringify(published['exports'])).toBe(
      JSON.stringify({
        '.': { types: './dist/index.d.ts', default: './dist/index.js' },
        './worker': { node: { default: './dist/worker.js' } },
        './package.json': './package.json',
      }),
    );
  });

  it('points commands at what is built', () => {
    expect(published['bin']).toEqual({ example: './dist/main.js' });
    expect(publishableManifest({ bin: './src/cli/main.ts' })['bin']).toBe('./dist/cli/main.js');
    expect(commandFiles(published)).toEqual(['dist/main.js']);
  });

  it('keeps what users need and nothing of the workspace', () => {
    expect(Object.keys(published).sort()).toEqual(
      ['bin', 'dependencies', 'engines', 'exports', 'files', 'name', 'tandem', 'type', 'version'].sort(),
    );
  });

  it('publishes what else a package names', () => {
    const named = { name: 'x', files: ['dist', '!dist/**/*.tsbuildinfo', 'templates'] };
    expect(publishableManifest(named)['files']).toEqual(['dist', 'src', 'templates']);
  });

  it('adds no field that the package does not have', () => {
    expect(Object.keys(publishableManifest({ name: 'x' })).sort()).toEqual(['files', 'name']);
  });
});
