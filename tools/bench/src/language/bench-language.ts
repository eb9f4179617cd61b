import { fileURLToPath } from 'node:url';
import { findNativeTensorFlow } from '@tandem-rec/compute';
import { forked } from '../models/forked.ts';
import { aboutThisRun, type RunAbout } from '../models/run-about.ts';
import { textTable } from '../text-table.ts';
import { ABOUT, WORKS, type EngineName, type PeerName, type Sizes, type WorkName } from './cases.ts';
import { onnxruntimeFolder, pytorchBody } from './language-peers.ts';
import { titles } from './titles.ts';
import type { FromWork, Measured } from './work-process.ts';
import type { WorkRequest } from './works.ts';

/** A work by one engine, by CPU time on one thread. */
export interface LanguageRow {
  readonly work: WorkName;
  readonly what: string;
  readonly engine: EngineName | PeerName;
  /** Version and settings of the engine. */
  readonly identity: string;
  readonly unit: string;
  readonly best: number;
  readonly median: number;
  /** Memory of the process at most, weights included. */
  readonly peakMb: number;
}

/** Who was asked for and is not there. */
export interface MissingEngine {
  readonly engine: string;
  readonly reason: string;
}

/** What `bench language` writes as JSON. */
export interface LanguageReport extends RunAbout {
  readonly model: string;
  /** Where the texts are from. */
  readonly texts: string;
  readonly rows: readonly LanguageRow[];
  readonly missing: readonly MissingEngine[];
}

export interface LanguageBenchOptions {
  /** Folder of a BERT encoder. */
  readonly model: string;
  readonly engines: readonly EngineName[];
  /** Whether others are measured beside. */
  readonly peers: boolean;
  readonly sizes: Sizes;
  readonly note: (line: string) => void;
}

const ENTRY = fileURLToPath(new URL('work-process.ts', import.meta.url));

/** Does every work with every engine that can, each in a process of its own, one after the other. */
export async function benchLanguage(options: LanguageBenchOptions): Promise<LanguageReport> {
  const { model, engines, sizes, note } = options;
  const about = aboutThisRun(1);
  const { from, texts } = await titles(sizes.texts);
  const rows: LanguageRow[] = [];
  const missing: MissingEngine[] = [];
  const measure = async (
    work: WorkName,
    engine: EngineName | PeerName,
    run: () => Promise<Measured>,
  ): Promise<void> => {
    try {
      const row = rowOf(work, engine, sizes, await run());
      note(`${row.what}, ${engine}: ${number(row.best)} ${row.unit}`);
      rows.push(row);
    } catch (error) {
      missing.push({ engine, reason: (error as Error).message });
    }
  };
  const own = async (request: WorkRequest): Promise<Measured> => {
    const said = await forked<FromWork>(ENTRY, [JSON.stringify(request)], `${request.work} by ${request.engine}`);
    if ('failed' in said) throw new Error(said.failed);
    return said;
  };
  const native = findNativeTensorFlow();
  const there = engines.filter((engine) => engine !== 'native' || native.available);
  if (there.length < engines.length) missing.push({ engine: 'native', reason: native.reason });
  for (const work of WORKS) {
    for (const engine of ABOUT[work].engines.filter((one) => there.includes(one)))
      await measure(work, engine, () => own({ work, engine, model, sizes, texts }));
    for (const peer of options.peers ? ABOUT[work].peers : [])
      await measure(work, peer, async () => {
        if (peer === 'pytorch') return pytorchBody(model, sizes, note);
        return own({ work, engine: peer, model, sizes, texts, onnxruntime: await onnxruntimeFolder(model, note) });
      });
  }
  return { ...about, model, texts: from, rows, missing };
}

function rowOf(
  work: WorkName,
  engine: EngineName | PeerName,
  sizes: Sizes,
  { best, median, identity, peakMb }: Measured,
): LanguageRow {
  const { unit, amount, what } = ABOUT[work];
  const figure = (ms: number): number => (unit.startsWith('ms') ? ms : (1000 * amount(sizes)) / ms);
  return { work, what: what(sizes), engine, identity, unit, best: figure(best), median: figure(median), peakMb };
}

const number = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 0 });

/** The table for people. */
export function languageText({ date, node, cpu, model, texts, rows, missing }: LanguageReport): string {
  return [
    `${date}, Node ${node}, ${cpu}, one thread, by CPU time; ${model}; texts: ${texts}`,
    '',
    textTable(
      ['', 'engine', 'unit', 'best', 'median', 'process MB', ''],
      rows.map((row) => [
        row.what,
        row.engine,
        row.unit,
        number(row.best),
        number(row.median),
        number(row.peakMb),
        row.identity,
      ]),
    ),
    ...missing.map(({ engine, reason }) => `${engine} is missing: ${reason}`),
  ].join('\n');
}
