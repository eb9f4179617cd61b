import type { ExpertScores, Fusion, Opinions, Rows, UserContexts } from '@tandem-rec/contract';
import { rankRows } from '@tandem-rec/compute';
import { Away } from './attendance.ts';
import type { Seat } from './information-sharing-module.ts';
import type { UserHistories } from './user-histories.ts';

/** A fusion under its name in the composition. */
export interface NamedFusion {
  readonly name: string;
  readonly instance: Fusion;
}

/** Rank of the true item by participant or fusion name, one per row of the contexts. */
export type Ranks = Record<string, Int32Array>;

/**
 * Everybody's opinion about these users over the whole catalogue, with what each user already met at −∞.
 * Item row r stands at position r: the catalogue's rows are the candidates. Who is away has the same opinion of every item.
 */
export async function opinions(
  users: UserContexts,
  items: Rows,
  seats: readonly Seat[],
  histories: UserHistories,
): Promise<Opinions> {
  const experts: ExpertScores[] = [];
  for (const { part, instance } of seats) {
    const scores = await instance.predict(users, { kind: 'shared', items }).catch((error: unknown) => {
      if (error instanceof Away) return new Float32Array(users.size * items.length);
      throw error;
    });
    mask(scores, users, items.length, histories);
    experts.push({ name: part.name, role: part.role, scores });
  }
  return { users, items, experts };
}

/** Full ranking: the place of each row's true item among all items that the user has not met. */
export function rankTargets(opinions: Opinions, targets: Rows, fusions: readonly NamedFusion[]): Ranks {
  const ranks: Ranks = {};
  for (const { name, scores } of opinions.experts) ranks[name] = ranksOf(scores, opinions.items.length, targets);
  for (const { name, instance } of fusions)
    ranks[name] = ranksOf(instance.fuse(opinions), opinions.items.length, targets);
  return ranks;
}

function ranksOf(scores: Float32Array, items: number, targets: Rows): Int32Array {
  const ranks = new Int32Array(targets.length);
  rankRows(scores, targets.length, items, targets, ranks);
  return ranks;
}

function mask(scores: Float32Array, users: UserContexts, items: number, histories: UserHistories): void {
  for (let row = 0; row < users.size; row++) {
    const met = histories.before(users.users[row], users.positions[row]);
    const start = row * items;
    for (let k = 0; k < met.length; k++) if (met[k] < items) scores[start + met[k]] = -Infinity;
  }
}

/** Ranks of the ranked rows, put back at their places among all rows of the batch; −1 elsewhere. */
export function spread(ranks: Ranks, rows: readonly number[], size: number): Record<string, Int32Array> {
  if (rows.length === size) return { ...ranks };
  return Object.fromEntries(
    Object.entries(ranks).map(([name, some]) => {
      const all = new Int32Array(size).fill(-1);
      rows.forEach((row, k) => (all[row] = some[k]));
      return [name, all];
    }),
  );
}
