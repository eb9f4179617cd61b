import { readFileSync } from 'node:fs';
import { checkPackage, createPackageFromTarballData, type Problem } from '@arethetypeswrong/core';
import { type Message, publint } from 'publint';
import { formatMessage } from 'publint/utils';

/** How these packages are not used: they are ES modules only, for Node 22 and bundlers. */
const IGNORED_RESOLUTIONS = ['node10', 'node16-cjs'];

/** What publint and "are the types wrong" (profile esm-only) find wrong with a tarball: one line each. */
export async function checkTarball(tarball: string): Promise<readonly string[]> {
  const data = readFileSync(tarball);
  const { messages, pkg } = await publint({ pack: { tarball: Uint8Array.from(data).buffer }, strict: true });
  const types = await checkPackage(createPackageFromTarballData(data));
  return [
    ...messages
      .filter(concernsThePackage)
      .map((message) => `publint: ${formatMessage(message, pkg, { color: false }) ?? message.code}`),
    ...(types.types === false ? ['types: none'] : types.problems.filter(concernsUsers).map(inWords)),
  ];
}

/** A template brings the manifest of the package that will be made of it: as a folder of this one it is ignored, as it should. */
function concernsThePackage(message: Message): boolean {
  return !('filePath' in message.args) || !String(message.args.filePath).startsWith('./templates/');
}

function concernsUsers(problem: Problem): boolean {
  return !('resolutionKind' in problem) || !IGNORED_RESOLUTIONS.includes(problem.resolutionKind);
}

function inWords(problem: Problem): string {
  return `types: ${problem.kind}${'entrypoint' in problem ? ` at ${problem.entrypoint}` : ''}`;
}
