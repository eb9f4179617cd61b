import type { SourceRecord, TandemConfig } from '@tandem-rec/contract';
import { createHost, tableOf } from '@tandem-rec/cotrainer';
import { CoTrainer } from '@tandem-rec/cotraining';
import { streamDataset } from '@tandem-rec/data';
import { compose, start } from '@tandem-rec/kernel';

const BATCH = 64;

/** NDCG@10 of each expert over the last 80 % of a dataset played as a stream, or of its first `most` events. */
export async function streamed(config: TandemConfig, most = Infinity): Promise<Readonly<Record<string, number>>> {
  const composition = await compose(config);
  const host = createHost({
    seed: composition.seed,
    signal: new AbortController().signal,
    logLevel: 'silent',
    write: () => {},
  });
  const assembly = await start(composition, host, ['dataset', 'participants', 'sharing', 'fusions']);
  const trainer = new CoTrainer(tableOf(assembly, host), () => 0);
  await trainer.begin();
  let batch: SourceRecord[] = [];
  let offset = 0;
  const process = async (): Promise<void> => {
    await trainer.process(batch, Date.UTC(2030, 0), new Set());
    batch = [];
  };
  for (const { value } of (await streamDataset(assembly.dataset!.instance)).records()) {
    batch.push({ partition: 0, offset: offset++, value });
    if (batch.length < BATCH) continue;
    await process();
    if (trainer.counts.events >= most) break;
  }
  if (batch.length > 0) await process();
  await assembly.stop();
  const { experts } = trainer.prequential.summary({ skip: 0.2 });
  return Object.fromEntries(Object.entries(experts).map(([name, { ndcg }]) => [name, ndcg]));
}
