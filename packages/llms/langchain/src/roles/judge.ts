import { crc32 } from 'node:zlib';
import { z, type Rows } from '@tandem-rec/contract';
import { askFor } from '../answers/ask-for.ts';
import type { Gateway } from '../exchanges/gateway.ts';
import type { LangchainOptions } from '../langchain-options.ts';
import { candidateId, rankQuestion } from '../prompts/rank.ts';
import { isBlank, type ItemWords, type UserWords, type Words } from './words.ts';

/** Log-odds of what was not judged because it was not among the best: those of grade 0. */
const NOT_JUDGED = logOdds(0);

/**
 * Listwise judgements: the chat model grades the best of a user's candidates, and each grade's log-odds are added to the
 * prior, as evidence is: `score = prior + strength · ln((g + 1) / (101 − g))`. What was not judged counts as grade 0, so
 * that it stays below all that was, in the order of the prior.
 */
export class Judge {
  readonly #gateway: Gateway;
  readonly #words: Words;
  readonly #options: NonNullable<LangchainOptions['judgements']>;

  constructor(gateway: Gateway, words: Words, options: NonNullable<LangchainOptions['judgements']>) {
    this.#gateway = gateway;
    this.#words = words;
    this.#options = options;
  }

  /** Adds the judgements to the logits of the prior. Throws what `askFor` throws; the logits are as before then. */
  async judge(user: UserWords, items: Rows, logits: Float32Array): Promise<void> {
    if (isBlank(user) || items.length === 0) return;
    const { cut, perCall, strength } = this.#options;
    const best = [...items.keys()].sort((a, b) => logits[b] - logits[a] || items[a] - items[b]).slice(0, cut);
    const blank = new Set(best.filter((i) => isBlank(this.#words.item(items[i]))));
    // In an order of their own: where a candidate stands must not say what the prior thinks of it.
    const asked = best
      .filter((i) => !blank.has(i))
      .map((i) => ({ i, place: crc32(this.#words.record(items[i]).id) }))
      .toSorted((a, b) => a.place - b.place || items[a.i] - items[b.i])
      .map(({ i }) => i);
    const calls = Array.from({ length: Math.ceil(asked.length / perCall) }, (_, c) =>
      asked.slice(c * perCall, (c + 1) * perCall),
    );
    const grades = await Promise.all(
      calls.map((call) =>
        this.#grades(
          user,
          call.map((i) => this.#words.item(items[i])),
        ),
      ),
    );
    const judged = new Map(calls.flatMap((call, c) => call.map((i, at) => [i, logOdds(grades[c][at])] as const)));
    for (let i = 0; i < items.length; i++) logits[i] += strength * (judged.get(i) ?? (blank.has(i) ? 0 : NOT_JUDGED));
  }

  async #grades(user: UserWords, candidates: readonly ItemWords[]): Promise<readonly number[]> {
    const { grades } = await askFor(this.#gateway, rankQuestion(user, candidates), gradesSchema(candidates.length));
    const byId = new Map(grades.map(({ id, grade }) => [id, grade]));
    return candidates.map((_, i) => byId.get(candidateId(i))!);
  }
}

/** Each of the candidates `c1 … c<count>` exactly once. */
const gradesSchema = (count: number) =>
  z
    .object({ grades: z.array(z.object({ id: z.string(), grade: z.number().min(0).max(100) })) })
    .superRefine(({ grades }, { addIssue }) => {
      const expected = new Set(Array.from({ length: count }, (_, i) => candidateId(i)));
      const ids = grades.map(({ id }) => id);
      const complain = (message: string): void => addIssue({ code: 'custom', path: ['grades'], message });
      if (ids.some((id) => !expected.has(id))) complain('it grades ids that are not among the candidates');
      else if (new Set(ids).size < ids.length) complain('it grades a candidate more than once');
      else if (ids.length < count) complain(`it grades ${ids.length} of ${count} candidates`);
    });

function logOdds(grade: number): number {
  return Math.log((grade + 1) / (101 - grade));
}
