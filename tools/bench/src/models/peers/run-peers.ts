import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findFolders } from '@tandem-rec/cotrainer';
import type { Split } from '@tandem-rec/data';
import type { RunAbout } from '../run-about.ts';
import { splitRows } from '../split-rows.ts';
import { loadSplit, SPLITS, type SplitName } from '../splits.ts';
import { factorsQuality } from './factors-quality.ts';
import { gorseProgram } from './gorse-environment.ts';
import { PEER_SETTINGS, type PeerLibrary, type PeerSetting } from './peer-settings.ts';
import { PROGRAMS } from './programs.ts';
import { lastLine, pythonEnvironment } from './python-environment.ts';
import type { PeerFigures } from './recorded-peers.ts';

const run = promisify(execFile);

/** What the peers reached in this run, by `<split> <model>`, and which of them did not run and why. */
export interface PeerRun {
  readonly figures: ReadonlyMap<string, readonly PeerFigures[]>;
  readonly missing: readonly { readonly peer: string; readonly reason: string }[];
}

export interface PeerRunOptions {
  /** Which libraries. */
  readonly libraries: readonly string[];
  /** Passes of those that make passes, instead of the tuned number. */
  readonly epochs?: number | undefined;
  /** The run that they are part of. */
  readonly run: RunAbout;
  /** One line of progress. */
  readonly note: (line: string) => void;
}

/** What a library's runner says: the figures of one row, or of one with validation fed as history too. */
type Figures = Omit<PeerFigures, 'peer' | 'source' | 'run'>;
type Runner = (setting: PeerSetting, folder: string, split: Split) => Promise<readonly (readonly [string, Figures])[]>;

/** Runs the peers that stand beside these rows, on the same splits, one thread each, one after the other. */
export async function runPeers(
  wanted: readonly { readonly split: SplitName; readonly model: string }[],
  { libraries, epochs, run: about, note }: PeerRunOptions,
): Promise<PeerRun> {
  const settings = PEER_SETTINGS.filter(
    ({ library, split, model }) =>
      libraries.includes(library) && wanted.some((one) => one.split === split && one.model === model),
  );
  const figures = new Map<string, PeerFigures[]>();
  const source = 'measured by this command, one thread';
  const { runners, missing } = await environments([...new Set(settings.map(({ library }) => library))], note);
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
        const { peer } = setting;
        note(`${name} ${peer} …`);
        try {
          for (const [model, reached] of await runner(withEpochs(setting, epochs), folder, split)) {
            const row = `${name} ${model}`;
            figures.set(row, [...(figures.get(row) ?? []), { peer, ...reached, source, run: about }]);
            note(`  NDCG ${reached.ndcg?.toFixed(4)}, ${reached.cpuSeconds?.toFixed(2)} s of CPU`);
          }
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

function withEpochs(setting: PeerSetting, epochs: number | undefined): PeerSetting {
  if (epochs === undefined || !('iterations' in setting.parameters)) return setting;
  return { ...setting, parameters: { ...setting.parameters, iterations: epochs } };
}

/** Libraries that share an environment of Python. RecBole wants an older scipy. */
const PYTHONS: Readonly<Record<string, { readonly program: string; readonly libraries: readonly PeerLibrary[] }>> = {
  python: { program: 'run_peer.py', libraries: ['numpy', 'implicit', 'lightfm'] },
  recbole: { program: 'run_recbole.py', libraries: ['recbole'] },
};

/** Installs what the libraries need into the cache folder. */
async function environments(
  libraries: readonly PeerLibrary[],
  note: (line: string) => void,
): Promise<{ readonly runners: ReadonlyMap<PeerLibrary, Runner>; readonly missing: PeerRun['missing'][number][] }> {
  const root = join(findFolders().cache, 'bench-peers');
  const runners = new Map<PeerLibrary, Runner>();
  const missing: PeerRun['missing'][number][] = [];
  for (const [folder, { program: file, libraries: own }] of Object.entries(PYTHONS)) {
    const wanted = own.filter((library) => libraries.includes(library));
    if (wanted.length === 0) continue;
    try {
      // The first one is what the others of its environment build on.
      const environment = await pythonEnvironment(join(root, folder), [...new Set([own[0], ...wanted])], note);
      for (const library of wanted) {
        const reason = environment.missing.get(own[0]) ?? environment.missing.get(library);
        if (reason === undefined) runners.set(library, pythonRunner(environment.python, file));
        else missing.push({ peer: library, reason });
      }
    } catch (error) {
      missing.push({ peer: wanted.join(', '), reason: lastLine(error) });
    }
  }
  if (libraries.includes('gorse'))
    try {
      runners.set('gorse', gorseRunner(await gorseProgram(join(root, 'gorse'), note)));
    } catch (error) {
      missing.push({ peer: 'gorse', reason: lastLine(error) });
    }
  return { runners, missing };
}

const ONE_THREAD = Object.fromEntries(
  ['OMP_NUM_THREADS', 'MKL_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'GOMAXPROCS'].map((name) => [name, '1']),
);

async function program(file: string, args: readonly string[]): Promise<Record<string, unknown>> {
  const { stdout } = await run(file, [...args], { env: { ...process.env, ...ONE_THREAD }, maxBuffer: 2 ** 26 });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Record<string, unknown>;
}

/** Prints its own quality: one history, or one with validation too. */
const pythonRunner =
  (python: string, file: string): Runner =>
  async ({ model, kind, parameters, split }, folder) => {
    const { figures, ...costs } = await program(python, [
      join(PROGRAMS, file),
      kind,
      folder,
      String(SPLITS[split].cutoff),
      JSON.stringify(parameters),
    ]);
    return Object.entries(figures as Record<string, object>).map(([history, reached]) => [
      history === 'train+valid' ? `${model}+v` : model,
      { ...reached, ...costs },
    ]);
  };

/** Writes its rows, which are judged here. */
const gorseRunner =
  (file: string): Runner =>
  async ({ model, kind, parameters, split: name }, folder, split) => {
    const { cutoff } = SPLITS[name];
    const factors = join(folder, 'factors.f32');
    const costs = await program(file, [kind, folder, factors, String(cutoff), JSON.stringify(parameters)]);
    return [[model, { ...(await factorsQuality(factors, split, cutoff)), ...costs }]];
  };
