import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findFolders } from '@tandem-rec/cotrainer';
import type { Split } from '@tandem-rec/data';
import type { PeerFigures } from '../goals.ts';
import { splitRows } from '../split-rows.ts';
import { loadSplit, SPLITS, type SplitName } from '../splits.ts';
import { factorsQuality } from './factors-quality.ts';
import { gorseProgram } from './gorse-environment.ts';
import { PEER_SETTINGS, type PeerSetting } from './peer-settings.ts';
import { PROGRAMS } from './programs.ts';
import { lastLine, pythonEnvironment } from './python-environment.ts';

const run = promisify(execFile);

/** What the peers reached in this run, by `<split> <model>`, and which of them did not run and why. */
export interface PeerRun {
  readonly figures: ReadonlyMap<string, PeerFigures>;
  readonly missing: readonly { readonly peer: string; readonly reason: string }[];
}

/** How to run a library's models. */
type Runner = (
  setting: PeerSetting,
  folder: string,
  split: Split,
) => Promise<readonly (readonly [string, PeerFigures])[]>;

/** Runs the peers that stand beside these rows, on the same splits, one thread each, one after the other. */
export async function runPeers(
  wanted: readonly { readonly split: SplitName; readonly model: string }[],
  note: (line: string) => void,
): Promise<PeerRun> {
  const settings = PEER_SETTINGS.filter((peer) =>
    wanted.some((one) => one.split === peer.split && one.model === peer.model),
  );
  const figures = new Map<string, PeerFigures>();
  const { runners, missing } = await environments([...new Set(settings.map(({ library }) => library))], note);
  if (wanted.some(({ model }) => ['lightgcn', 'ngcf', 'sasrec'].includes(model)))
    missing.push({ peer: 'RecBole', reason: 'it needs 5.6 GB of PyTorch and is not installed by this command' });
  for (const name of new Set(settings.map(({ split }) => split))) {
    const split = await loadSplit(name);
    const folder = await mkdtemp(join(tmpdir(), 'tandem-peers-'));
    try {
      await writeFile(join(folder, 'meta.json'), JSON.stringify({ users: split.users, items: split.items }));
      for (const part of ['train', 'valid', 'test'] as const)
        await writeFile(join(folder, `${part}.tsv`), splitRows(split, part));
      for (const setting of settings.filter((one) => one.split === name)) {
        const runner = runners.get(setting.library);
        if (runner === undefined) continue;
        note(`${name} ${setting.peer} …`);
        try {
          for (const [model, reached] of await runner(setting, folder, split)) figures.set(`${name} ${model}`, reached);
        } catch (error) {
          missing.push({ peer: `${setting.peer} on ${name}`, reason: lastLine(error) });
        }
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return { figures, missing };
}

/** Installs what the libraries need into the cache folder. */
async function environments(
  libraries: readonly PeerSetting['library'][],
  note: (line: string) => void,
): Promise<{ readonly runners: ReadonlyMap<string, Runner>; readonly missing: PeerRun['missing'][number][] }> {
  const root = join(findFolders().cache, 'bench-peers');
  const runners = new Map<string, Runner>();
  const missing: PeerRun['missing'][number][] = [];
  const inPython = libraries.filter((library) => library !== 'gorse');
  if (inPython.length > 0)
    try {
      const environment = await pythonEnvironment(join(root, 'python'), inPython, note);
      for (const library of inPython) {
        const reason = environment.missing.get(library) ?? environment.missing.get('numpy');
        if (reason === undefined) runners.set(library, pythonRunner(environment.python));
        else missing.push({ peer: library, reason });
      }
    } catch (error) {
      missing.push({ peer: inPython.join(', '), reason: lastLine(error) });
    }
  if (libraries.includes('gorse'))
    try {
      runners.set('gorse', gorseRunner(await gorseProgram(join(root, 'gorse'), note)));
    } catch (error) {
      missing.push({ peer: 'gorse', reason: lastLine(error) });
    }
  return { runners, missing };
}

const source = 'measured in this run, one thread';
const ONE_THREAD = Object.fromEntries(
  ['OMP_NUM_THREADS', 'MKL_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'GOMAXPROCS'].map((name) => [name, '1']),
);

async function program(file: string, args: readonly string[]): Promise<Record<string, unknown>> {
  const { stdout } = await run(file, [...args], { env: { ...process.env, ...ONE_THREAD }, maxBuffer: 2 ** 26 });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Record<string, unknown>;
}

/** Prints its own quality: one history, or one with validation too. */
const pythonRunner =
  (python: string): Runner =>
  async ({ model, peer, kind, parameters, split }, folder) => {
    const { figures, ...costs } = await program(python, [
      join(PROGRAMS, 'run_peer.py'),
      kind,
      folder,
      String(SPLITS[split].cutoff),
      JSON.stringify(parameters),
    ]);
    return Object.entries(figures as Record<string, object>).map(([history, reached]) => [
      history === 'train+valid' ? `${model}+v` : model,
      { peer, ...reached, ...costs, source },
    ]);
  };

/** Writes its rows, which are judged here. */
const gorseRunner =
  (file: string): Runner =>
  async ({ model, peer, kind, parameters, split: name }, folder, split) => {
    const { cutoff } = SPLITS[name];
    const factors = join(folder, 'factors.f32');
    const costs = await program(file, [kind, folder, factors, String(cutoff), JSON.stringify(parameters)]);
    return [[model, { peer, ...(await factorsQuality(factors, split, cutoff)), ...costs, source }]];
  };
