import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';

import { commandFiles, extraFiles, publishableManifest, SOURCE_CONDITION } from './publishable-manifest.ts';
import { undeclaredImports } from './undeclared-imports.ts';
import { root, type WorkspacePackage } from './workspace-package.ts';

const TEST_FILE = /\.test(-d)?\.ts$/;

/**
 * Lays out what a package publishes in a folder of its own: `dist`, the sources that its maps point to, files beside the
 * sources that the code reads, what else its `files` name, README, LICENSE and the manifest.
 *
 * @returns that folder
 * @throws Error where the package imports others that it does not declare
 */
export function stage({ name, folder, manifest }: WorkspacePackage, into: string): string {
  const staged = join(into, name.replace('/', '-').replace('@', ''));
  mkdirSync(staged);
  copyTree(join(folder, 'src'), join(staged, 'src'), (file) => !TEST_FILE.test(file));
  copyTree(join(folder, 'src'), join(staged, 'dist'), (file) => !file.endsWith('.ts'));
  copyTree(join(folder, 'dist'), join(staged, 'dist'), (file) =>
    hasSource(relative(join(folder, 'dist'), file), folder),
  );
  for (const extra of extraFiles(manifest)) cpSync(join(folder, extra), join(staged, extra), { recursive: true });
  for (const file of [join(folder, 'README.md'), join(root, 'LICENSE')]) {
    if (existsSync(file)) cpSync(file, join(staged, basename(file)));
  }
  const published = publishableManifest(manifest);
  writeFileSync(join(staged, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
  const undeclared = undeclaredImports(staged, published);
  if (undeclared.length > 0) throw new Error(`${name} imports what it does not declare: ${undeclared.join(', ')}`);
  for (const command of commandFiles(published)) makeCommand(join(staged, command));
  return staged;
}

/** A file of `dist` whose source is gone is left over from an earlier build. */
function hasSource(distFile: string, folder: string): boolean {
  const source = distFile.replace(/(\.d\.ts|\.js)(\.map)?$/, '.ts');
  return source !== distFile && !TEST_FILE.test(source) && existsSync(join(folder, 'src', source));
}

function copyTree(from: string, to: string, wanted: (file: string) => boolean): void {
  cpSync(from, to, { recursive: true, filter: (file) => statSync(file).isDirectory() || wanted(file) });
}

/** The source starts with a line for running from source; a published command runs on the user's Node, from what is built. */
function makeCommand(file: string): void {
  const lines = readFileSync(file, 'utf8').split('\n');
  const [first, ...rest] = lines[0]?.startsWith('#!') ? lines : ['#!/usr/bin/env node', ...lines];
  writeFileSync(file, [first!.replace(` --conditions=${SOURCE_CONDITION}`, ''), ...rest].join('\n'));
  chmodSync(file, 0o755);
}
