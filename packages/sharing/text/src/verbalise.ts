import {
  defineSharingStrategy,
  type Batch,
  type Bridge,
  type BridgeParticipant,
  type Catalogue,
  type Lesson,
  type Outcome,
  type Plan,
  type Rows,
  type SharingStrategy,
  type Side,
  type State,
} from '@tandem-rec/contract';
import { itemText } from '@tandem-rec/data';
import { Schedule, scheduleOptions } from '@tandem-rec/exchange';
import { clipped } from '@tandem-rec/language';
import { firstRanked } from './first-ranked.ts';
import { nearItems } from './near-items.ts';
import { Told } from './told.ts';
import { verbaliseOptions, type VerbaliseOptions } from './verbalise-options.ts';

/**
 * The domain model's knowledge in words, for a language model to read: DOKE (Yao et al., "Knowledge Plugins: Enhancing Large
 * Language Models for Domain-Specific Recommendations", 2023, arXiv 2311.10779).
 *
 * - item to item: `People who chose this also chose: "Alien"; "Blade Runner".`: the nearest vectors of the domain model,
 * - user to item: `People with such a past chose next: "Heat"; "Ronin".`: what it ranks first among what is not met yet.
 *
 * They are text lessons about items and users; the language side keeps them as notes and shows them in its prompts. Each is
 * told again when the evidence has doubled. What is told was known at the moment: users are spoken of at new events only,
 * from the past they had then, by a model that has not learned the event; replayed events, which it has learned, are not
 * spoken of. Items are named by their texts, clipped and in quotation marks: whatever a title says, it is said to be a title.
 *
 * Differs from the paper: no reasoning paths over attributes; knowledge is told as it becomes known, not put together for
 * each prompt.
 *
 * @example
 * defineConfig({ domain: fism(), language: langchain({ chat: … }), sharing: verbalise() })
 */
export const verbalise = defineSharingStrategy({
  id: '@tandem-rec/sharing-text#verbalise',
  summary: 'The domain model’s neighbours are told to the language side in words (DOKE).',
  options: verbaliseOptions,
  needs: ({ items, users }) => ({
    domain: {
      gives: [
        ...(items.top > 0 ? (['representations'] as const) : []),
        ...(users.top > 0 ? (['predictions'] as const) : []),
      ],
      takes: [],
    },
    language: { gives: [], takes: ['text'] },
  }),
  create: (options) => new Verbaliser(options),
});

class Verbaliser implements SharingStrategy {
  readonly #options: VerbaliseOptions;
  readonly #schedule: Schedule;
  readonly #items: Told;
  readonly #users: Told;

  constructor(options: VerbaliseOptions) {
    this.#options = options;
    this.#schedule = new Schedule(scheduleOptions.parse(options.schedule));
    this.#items = new Told('item', options.items.minCount);
    this.#users = new Told('user', options.users.minCount);
  }

  observe(outcome: Outcome): void {
    this.#schedule.observe(outcome);
  }

  async exchange(batch: Batch, bridge: Bridge): Promise<Plan> {
    const weight = this.#options.weight * this.#schedule.turn(batch).weight;
    const listeners = bridge.language.filter(({ takes }) => takes.includes('text'));
    if (weight === 0 || listeners.length === 0) return { lessons: [] };
    const said = [await this.#ofItems(batch, bridge), await this.#ofUsers(batch, bridge)];
    return {
      lessons: said.flatMap((lesson) =>
        lesson === undefined ? [] : listeners.map(({ name: to }): Lesson => ({ kind: 'text', ...lesson, to, weight })),
      ),
    };
  }

  async #ofItems(batch: Batch, { domain, catalogue, statistics: { itemCounts } }: Bridge) {
    const { top, minCount } = this.#options.items;
    const speaker = domain.find(({ gives }) => gives.includes('representations'));
    if (top === 0 || !speaker) return undefined;
    const rows = new Set<number>();
    for (const row of batch.items.subarray(0, batch.fresh)) if (this.#items.isDue(row, itemCounts[row])) rows.add(row);
    if (rows.size === 0) return undefined;
    const due = Int32Array.from(rows);
    for (const row of due) this.#items.tell(row, itemCounts[row]);
    const known = knownItems(catalogue, (row) => itemCounts[row] >= minCount);
    const near = await nearItems(speaker, due, known, top);
    return this.#spoken(speaker, 'item', due, near, 'People who chose this also chose', catalogue);
  }

  async #ofUsers(batch: Batch, { domain, catalogue }: Bridge) {
    const { top } = this.#options.users;
    const speaker = domain.find(({ gives }) => gives.includes('predictions'));
    if (top === 0 || !speaker) return undefined;
    // A user's newest event in the batch counts.
    const newest = new Map<number, number>();
    for (let row = 0; row < batch.fresh; row++)
      if (this.#users.isDue(batch.users[row], batch.positions[row])) newest.set(batch.users[row], row);
    if (newest.size === 0) return undefined;
    for (const [user, row] of newest) this.#users.tell(user, batch.positions[row]);
    const known = knownItems(catalogue, () => true);
    const first = await firstRanked(speaker, batch, [...newest.values()], known, top);
    const rows = Int32Array.from(newest.keys());
    return this.#spoken(speaker, 'user', rows, first, 'People with such a past chose next', catalogue);
  }

  /** A sentence for each row about which there is something to say. */
  #spoken(
    { name: from }: BridgeParticipant,
    side: Side,
    rows: Rows,
    named: readonly Rows[],
    sentence: string,
    catalogue: Catalogue,
  ) {
    const spoken = [...rows.keys()].filter((at) => named[at].length > 0);
    if (spoken.length === 0) return undefined;
    const texts = spoken.map((at) => {
      const titles = [...named[at]].map((row) =>
        JSON.stringify(clipped(itemText(catalogue.item(row)), this.#options.textLimit)),
      );
      return `${sentence}: ${titles.join('; ')}.`;
    });
    return { from, side, rows: Int32Array.from(spoken, (at) => rows[at]), texts };
  }

  save(): State {
    return {
      version: 1,
      arrays: [this.#items.save(), this.#users.save()],
      values: { schedule: this.#schedule.save() },
    };
  }

  /** Throws `TANDEM_STATE_MISMATCH`. */
  load(state: State): void {
    this.#schedule.load(state.values['schedule']);
    this.#items.load(state);
    this.#users.load(state);
  }
}

/** Items that can be named: they have words, and are `wanted`. */
function knownItems(catalogue: Catalogue, wanted: (row: number) => boolean): Rows {
  const rows: number[] = [];
  for (let row = 0; row < catalogue.size; row++)
    if (wanted(row) && itemText(catalogue.item(row)).trim() !== '') rows.push(row);
  return Int32Array.from(rows);
}
