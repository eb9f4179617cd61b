import { allRows } from '@tandem-rec/compute';
import type { ExpertScores, Scores, UserContexts } from '@tandem-rec/contract';
import { evaluationTask, type Split } from '@tandem-rec/data';
import { maskSeen, rankEach, summarise, userMetrics, type Ranking, type RankingTask } from '@tandem-rec/evaluation';
import type { Table } from './table.ts';
import type { OfflineOptions } from './offline-result.ts';

type Rankings = Readonly<Record<string, Ranking>>;

/**
 * Asks the experts at a table to rank the whole catalogue for the users of a split's validation and test parts. Fusions
 * learn from validation users, after each was ranked, and the strategy observes how they were ranked.
 */
export class OfflineRanking {
  readonly hasValidation: boolean;
  readonly #table: Table;
  readonly #split: Split;
  readonly #options: OfflineOptions;
  readonly #validation: RankingTask;
  readonly #test: RankingTask;

  constructor(table: Table, split: Split, options: OfflineOptions) {
    const { historyLimit } = options;
    const { historyWithValidation } = options.evaluation;
    this.#table = table;
    this.#split = split;
    this.#options = options;
    this.hasValidation = split.valid.length > 0;
    this.#validation = evaluationTask(split, 'valid', { historyLimit });
    this.#test = evaluationTask(split, 'test', { historyLimit, historyWithValidation });
  }

  /** NDCG of these experts on validation; `learned`: events that everybody has learned by then. */
  async validate(names: readonly string[], learned: number): Promise<Readonly<Record<string, number>>> {
    const rankings = await this.#rank(this.#validation, names, true);
    this.#observe(rankings, learned);
    const { cutoff } = this.#options.evaluation;
    return Object.fromEntries(names.map((name) => [name, summarise(userMetrics(rankings[name], cutoff)).ndcg]));
  }

  /** The rankings of these experts for the test users. */
  test(names: readonly string[]): Promise<Rankings> {
    return this.#rank(this.#test, names, false);
  }

  /** Rankings of the wanted experts. Fusions hear everybody; with `teach` they learn from each user once it was ranked. */
  async #rank(task: RankingTask, wanted: readonly string[], teach: boolean): Promise<Rankings> {
    const { seats, fusions } = this.#table;
    const { items } = this.#split;
    const everyItem = allRows(items);
    const fused = fusions.filter(({ name }) => wanted.includes(name));
    const predict = async (users: UserContexts): Promise<Record<string, Scores>> => {
      const experts: ExpertScores[] = [];
      for (const { part, instance } of seats) {
        if (fused.length === 0 && !wanted.includes(part.name)) continue;
        const scores = await instance.predict(users, { kind: 'shared', items: everyItem });
        maskSeen(scores, users.users, task.seen, items);
        experts.push({ name: part.name, role: part.role, scores });
      }
      const opinions = { users, items: everyItem, experts };
      const answer: Record<string, Scores> = {};
      for (const { name, scores } of experts) if (wanted.includes(name)) answer[name] = scores;
      for (const { name, instance } of fused) {
        answer[name] = instance.fuse(opinions).slice();
        if (teach && instance.learn)
          instance.learn(
            opinions,
            users.users.map((user) => task.targets.items[task.targets.offsets[user]]),
          );
      }
      return answer;
    };
    return rankEach(task, predict, { items, signal: this.#options.signal });
  }

  /** Tells the strategy, in batches, how users with a single validation item were ranked, as it is told on a stream. */
  #observe(rankings: Rankings, learned: number): void {
    const { strategy } = this.#table;
    if (!strategy?.observe) return;
    const { users, targets, contexts } = this.#validation;
    const { table, valid } = this.#split;
    const eventOf = new Int32Array(this.#split.users);
    for (const event of valid) eventOf[table.users[event]] = event;
    const single = allRows(users.length).filter((k) => targets.offsets[users[k] + 1] - targets.offsets[users[k]] === 1);
    const { batch: size } = this.#options.evaluation;
    for (let from = 0; from < single.length; from += size) {
      const asked = single.subarray(from, from + size);
      const events = asked.map((k) => eventOf[users[k]]);
      strategy.observe({
        batch: {
          ...contexts(asked.map((k) => users[k])),
          items: events.map((event) => table.items[event]),
          values: Float32Array.from(events, (event) => table.values[event]),
          fresh: asked.length,
          sequence: learned,
        },
        ranks: Object.fromEntries(
          Object.entries(rankings).map(([name, { offsets, ranks }]) => [name, asked.map((k) => ranks[offsets[k]])]),
        ),
      });
    }
  }
}
