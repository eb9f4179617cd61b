import type { CatalogueItem, Participant, State, TandemConfig } from '@tandem-rec/contract';
import { createHost, tableOf } from '@tandem-rec/cotrainer';
import { CoTrainer } from '@tandem-rec/cotraining';
import { SeededRng } from '@tandem-rec/compute';
import { compose, start } from '@tandem-rec/kernel';

/** One event of the stream, in the wire format without its time. */
export interface Meeting {
  readonly user: string;
  readonly item: string;
}

const KINDS = ['red berry', 'grey metal'];
const ITEMS_EACH = 12;
const USERS = 30;
const START_MS = 1_700_000_000_000;

/** Two communities, one for each kind of things: `u0`, `u2`, … like what is red, the others what is grey. */
export const kindOf = (id: string): number => Number(id.slice(1)) % 2;

/** Things whose text says of which kind they are: the even ones are red. */
const ITEMS: readonly CatalogueItem[] = Array.from({ length: 2 * ITEMS_EACH }, (_, i) => ({
  id: `i${i}`,
  text: { title: `Number ${i * 7919} ${KINDS[i % 2]}` },
  categories: [],
}));

/** Everybody meets things of their kind, drawn at random. */
export function meetings(count: number, seed = 1): Meeting[] {
  const rng = new SeededRng(seed, 'meetings');
  return Array.from({ length: count }, () => {
    const user = rng.int(USERS);
    return { user: `u${user}`, item: `i${2 * rng.int(ITEMS_EACH) + (user % 2)}` };
  });
}

/** A composition that learns in memory, from what it is told. */
export interface Classroom {
  readonly trainer: CoTrainer;
  participant(name: string): Participant;
  introduce(items: readonly CatalogueItem[]): Promise<void>;
  learn(meetings: readonly Meeting[]): Promise<void>;
  /** Each participant's scores of all items for a user as known now. */
  scores(participant: string, user: string): Promise<Float32Array>;
}

/** Starts a composition as `tandem start` does, without source and store: with the items introduced, or as it was saved. */
export async function classroom(config: TandemConfig, states?: Readonly<Record<string, State>>): Promise<Classroom> {
  const composition = await compose(config);
  const { signal } = new AbortController();
  const host = createHost({ seed: composition.seed, signal, logLevel: 'error', write: () => {} });
  const assembly = await start(composition, host, ['participants', 'sharing', 'fusions']);
  const trainer = new CoTrainer(tableOf(assembly, host), () => 0);
  await trainer.begin(states);
  if (!states) await trainer.addItems(ITEMS);
  const participant = (name: string): Participant => assembly.participants.get(name)!.instance;
  let offset = trainer.counts.records;
  return {
    trainer,
    participant,
    introduce: (items) => trainer.addItems(items),
    learn: async (told) => {
      const records = told.map((meeting) => ({
        partition: 0,
        offset: offset++,
        value: JSON.stringify({ ...meeting, at: START_MS + offset * 1000 }),
      }));
      for (let from = 0; from < records.length; from += 32)
        await trainer.process(records.slice(from, from + 32), START_MS + offset * 1000, new Set());
    },
    scores: async (name, user) => {
      const scores = await participant(name).predict(trainer.contextsOf(user, START_MS), {
        kind: 'shared',
        items: trainer.candidates(),
      });
      return scores.slice(0, trainer.catalogue.size);
    },
  };
}
