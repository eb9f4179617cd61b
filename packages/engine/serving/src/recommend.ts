import { TandemError } from '@tandem-rec/contract';
import { topK } from '@tandem-rec/compute';
import { opinions, type CoTrainer, type Table } from '@tandem-rec/cotraining';
import { itemText } from '@tandem-rec/data';

/** What to recommend. */
export interface RecommendRequest {
  readonly user: string;
  /** Most items. */
  readonly count: number;
  /** Name of a participant or fusion to ask alone. Default: the first fusion, or the first participant where there is none. */
  readonly by?: string;
}

/** One recommended item. */
export interface Recommended {
  readonly item: string;
  /** Its text in one line; empty where nothing is known. */
  readonly text: string;
  readonly score: number;
  /** 1-based place by each participant: who wanted it how much. */
  readonly places: Readonly<Record<string, number>>;
}

export interface Recommendations {
  readonly user: string;
  /** False: nothing was learned about this user, the list is for somebody without history. */
  readonly known: boolean;
  /** Who ranked. */
  readonly by: string;
  /** The user's newest interactions, newest first, at most ten. */
  readonly history: readonly { readonly item: string; readonly text: string }[];
  readonly items: readonly Recommended[];
}

/**
 * The best items that the user has not met, by full ranking of the catalogue. `nowMs`: the clock, the moment of the
 * question. Throws `TANDEM_CLI_USAGE` for an unknown `by`.
 */
export async function recommend(
  trainer: CoTrainer,
  table: Table,
  request: RecommendRequest,
  nowMs: number,
): Promise<Recommendations> {
  const { user, count } = request;
  const { catalogue } = trainer;
  const row = trainer.embeddings.index('user').get(user);
  const users = trainer.contextsOf(user, nowMs);
  const heard = await opinions(users, trainer.candidates(), table.seats, trainer.histories);
  const by = request.by ?? table.fusions[0]?.name ?? heard.experts[0].name;
  const scores =
    table.fusions.find(({ name }) => name === by)?.instance.fuse(heard) ??
    heard.experts.find(({ name }) => name === by)?.scores;
  if (!scores) {
    const names = [...table.fusions, ...heard.experts].map(({ name }) => name);
    throw new TandemError('TANDEM_CLI_USAGE', `Nobody here is called ${by}; there are: ${names.join(', ')}.`);
  }
  const items = catalogue.size;
  const wanted = Math.min(count, items);
  const rows = new Int32Array(wanted);
  const values = new Float32Array(wanted);
  const found = topK(scores, 0, items, wanted, undefined, rows, values);
  const places = heard.experts.map(
    ({ name, scores: own }) => [name, placesOf(own, items, rows.subarray(0, found))] as const,
  );
  return {
    user,
    known: row !== undefined,
    by,
    history: [...users.history.items.subarray(0, 10)].map((item) => described(trainer, item)),
    items: Array.from({ length: found }, (_, k) => ({
      ...described(trainer, rows[k]),
      score: values[k],
      places: Object.fromEntries(places.map(([name, of]) => [name, of[k]])),
    })),
  };
}

function described({ catalogue }: CoTrainer, row: number): { readonly item: string; readonly text: string } {
  const item = catalogue.item(row);
  return { item: item.id, text: itemText(item) };
}

/** 1-based places of some items in one participant's ranking. */
function placesOf(scores: Float32Array, items: number, rows: Int32Array): number[] {
  return Array.from(rows, (row) => {
    let place = 1;
    for (let other = 0; other < items; other++) if (scores[other] > scores[row]) place++;
    return place;
  });
}
