import {
  defineSharingStrategy,
  type Batch,
  type Bridge,
  type Grant,
  type Knowledge,
  type Needs,
  type Outcome,
  type Plan,
  type Rows,
  type SharingStrategy,
  type State,
} from '@tandem-rec/contract';
import { openEncoder, type OpenedEncoder } from './open-encoder.ts';
import { profileOptions } from './profile-options.ts';
import { Profiles } from './profiles.ts';
import { readProfiles } from './written-profiles.ts';

/**
 * Written profiles of users and items become vectors for the domain side: with W what a language model wrote about x and
 * enc a frozen sentence encoder, s_x = enc(W(x)).
 *
 * - RLMRec (Ren et al., WWW 2024, arXiv 2310.15950): s_x and the recommender's vectors e_x of users and items are aligned,
 *   `profile({ …, use: align() })`.
 * - KAR (Xi et al., RecSys 2024) and ONCE (Liu et al., WSDM 2024): s_x is a feature of the item. Models of rows get it as
 *   where a row begins and what pulls it: `profile({ …, use: prior() })` or `use: initialise()`.
 *
 * Which of them, `use` says: that strategy hears profiles wherever it asks the language side for representations. Profiles
 * come from a file, so that nothing has to be asked again, or from a language model's `describe`, kept in the checkpoint.
 *
 * Differs from the papers: the text of RLMRec's prompts is the language model's matter; a user's profile is by default the
 * mean of the profiles of what they met before the moment, since one written about the whole past would tell the future.
 *
 * @example
 * defineConfig({
 *   domain: bpr(),
 *   language: encoder(),
 *   sharing: profile({ items: { from: 'file', file: 'profiles.jsonl' }, use: prior() }),
 * })
 */
export const profile = defineSharingStrategy({
  id: '@tandem-rec/sharing-text#profile',
  summary: 'Written profiles of users and items become vectors for the domain side (RLMRec, ONCE, KAR).',
  options: profileOptions,
  needs: ({ use: { definition, options }, items, users }) => {
    const needs = byOptions<{ readonly domain: Needs; readonly language: Needs }>(definition.needs, options);
    const writes = items.from === 'describe' || users === 'describe';
    const gives: readonly Knowledge[] = writes ? ['text'] : [];
    return {
      domain: needs.domain,
      language: { ...needs.language, gives: [...new Set([...needs.language.gives, ...gives])] },
    };
  },
  grants: ({ use: { definition, options } }) => byOptions<readonly Grant[]>(definition.grants ?? [], options),
  create: async (options, env) => {
    const files = options.items.from === 'file' ? await readProfiles(options.items, env) : new Map<string, string>();
    const opened = await openEncoder(options.encoder, env);
    try {
      const { definition, options: own } = options.use;
      const nested = await definition.create(own as never, env);
      return new Profiled(nested, new Profiles(options, opened.encoder, files, env.signal), opened);
    } catch (error) {
      opened.close();
      throw error;
    }
  },
});

class Profiled implements SharingStrategy {
  readonly #nested: SharingStrategy;
  readonly #profiles: Profiles;
  readonly #opened: OpenedEncoder;
  #bridge!: Bridge;
  #closed = false;

  constructor(nested: SharingStrategy, profiles: Profiles, opened: OpenedEncoder) {
    this.#nested = nested;
    this.#profiles = profiles;
    this.#opened = opened;
  }

  begin(bridge: Bridge): void | Promise<void> {
    this.#bridge = this.#profiles.over(bridge);
    return this.#nested.begin?.(this.#bridge);
  }

  async arrive(items: Rows): Promise<void> {
    await this.#nested.arrive?.(items, this.#bridge);
  }

  observe(outcome: Outcome): void {
    this.#nested.observe?.(outcome);
  }

  exchange(batch: Batch): Promise<Plan> {
    this.#profiles.at(batch);
    return this.#nested.exchange(batch, this.#bridge);
  }

  explain(): Readonly<Record<string, unknown>> {
    return this.#nested.explain?.() ?? {};
  }

  async save(): Promise<State> {
    const { version, arrays, values } = await this.#nested.save();
    return { version: 1, arrays, values: { version, nested: values, written: this.#profiles.save() } };
  }

  /** Throws `TANDEM_STATE_MISMATCH`, and what the strategy that uses the profiles throws. */
  async load({ arrays, values: { version, nested, written } }: State): Promise<void> {
    this.#profiles.load(written);
    await this.#nested.load({ version: version as number, arrays, values: nested as State['values'] });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#nested.close?.();
    this.#opened.close();
  }
}

/** What a definition says outright, or by its options. */
const byOptions = <T>(said: T | ((options: never) => T), options: unknown): T =>
  typeof said === 'function' ? (said as (options: unknown) => T)(options) : said;
