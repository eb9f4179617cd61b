import type { Attachment, Candidates, LanguageModel, UserContexts } from '@tandem-rec/contract';
import type { TestEnvironment } from '@tandem-rec/testkit';
import { langchain } from '../src/langchain.ts';

type Options = Parameters<typeof langchain>[0];

/** The model as the engine makes it. */
export const create = async (options: Options, env: TestEnvironment): Promise<LanguageModel> =>
  langchain.definition.create(langchain.definition.options.parse(options), env);

/** A world of items with these titles, met so often each. */
export function attachment(titles: readonly string[], counts: readonly number[] = titles.map(() => 0)): Attachment {
  return {
    own: {},
    shared: [],
    catalogue: {
      size: titles.length,
      revision: 1,
      item: (row) => ({ id: `item ${row}`, text: { title: titles[row] }, categories: [] }),
      row: () => undefined,
      changedSince: () => Int32Array.from(titles.keys()),
    },
    statistics: {
      users: 1,
      items: titles.length,
      interactions: 1,
      itemCounts: Float32Array.from(counts),
      userCounts: Float32Array.of(1),
    },
  };
}

/** User 0 with this past, newest first. */
export const asking = (...past: readonly number[]): UserContexts => ({
  size: 1,
  users: Int32Array.of(0),
  history: { offsets: Int32Array.of(0, past.length), items: Int32Array.from(past) },
  positions: Int32Array.of(past.length),
  atMs: new Float64Array(1),
});

export const shared = (...items: readonly number[]): Candidates => ({ kind: 'shared', items: Int32Array.from(items) });
