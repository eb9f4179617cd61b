import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Split } from '@tandem-rec/data';
import type { RunAbout } from '../run-about.ts';
import { splitRows } from '../split-rows.ts';
import { loadSplit, SPLITS, type SplitName } from '../splits.ts';
import { factorsQuality } from './factors-quality.ts';
import { PEER_SETTINGS, type PeerSetting } from './peer-settings.ts';
import { jsonOf, peerEnvironments, pythonJson, type MissingPeer } from './peer-environments.ts';
import { lastLine } from './python-environment.ts';
import type { PeerFigures } from './recorded-peers.ts';

/** What the peers reached in this run, by `<split> <model>`, and which of them did not run and why. */
export interface PeerRun {
  readonly figures: ReadonlyMap<string, readonly PeerFigures[]>;
  readonly missing: readonly MissingPeer[];
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
type Runner = (
  program: string,
  setting: PeerSetting,
  folder: string,
  split: Split,
) => Promise<readonly (readonly [string, Figures])[]>;

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
  const { programs, missing: absent } = await peerEnvironments(
    [...new Set(settings.map(({ library }) => library))],
    note,
  );
  const missing = [...absent];
  for (const name of new Set(settings.map(({ split }) => split))) {
    const split = await loadSplit(name);
    const folder = await mkdtemp(join(tmpdir(), 'tandem-peers-'));
    try {
      await writeFile(join(folder, 'meta.json'), JSON.stringify({ users: split.users, items: split.items }));
      for (const part of ['train', 'valid', 'test'] as const)
        await writeFile(join(folder, `${part}.tsv`), splitRows(split, part));
      for (const setting of settings.filter((one) => one.split === name)) {
        const { peer, library } = setting;
        const program = programs.get(library);
        if (program === undefined) continue;
        const runner = library === 'gorse' ? gorseRunner : pythonRunner;
        note(`${name} ${peer} …`);
        try {
          for (const [model, reached] of await runner(program, withEpochs(setting, epochs), folder, split)) {
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

/** Prints its own quality: one history, or one with validation too. */
const pythonRunner: Runner = async (python, { library, model, kind, parameters, split }, folder) => {
  const { figures, ...costs } = await pythonJson(python, library === 'recbole' ? 'run_recbole.py' : 'run_peer.py', [
    ...[kind, folder, String(SPLITS[split].cutoff)],
    JSON.stringify(parameters),
  ]);
  return Object.entries(figures as Record<string, object>).map(([history, reached]) => [
    history === 'train+valid' ? `${model}+v` : model,
    { ...reached, ...costs },
  ]);
};

/** Writes its rows, which are judged here. */
const gorseRunner: Runner = async (program, { model, kind, parameters, split: name }, folder, split) => {
  const { cutoff } = SPLITS[name];
  const factors = join(folder, 'factors.f32');
  const costs = await jsonOf(program, [kind, folder, factors, String(cutoff), JSON.stringify(parameters)]);
  return [[model, { ...(await factorsQuality(factors, split, cutoff)), ...costs }]];
};
