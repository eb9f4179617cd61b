/** How a past is laid out as tokens. */
export interface Layout {
  /**
   * Whether a position sees only what comes before it: then a sequence has a state after each of its items, at its soft token.
   * Else its one state is the mean over all of its tokens.
   */
  readonly causal: boolean;
  /** Tokens of a sequence at most. */
  readonly tokens: number;
  /** Word tokens in front of what a user met. */
  before(user: number): ArrayLike<number>;
  /** Word tokens behind it. */
  readonly after: ArrayLike<number>;
  /** Word tokens of an item, in front of its soft token. */
  words(row: number): ArrayLike<number>;
}

const NONE: readonly number[] = [];

/** Nothing but soft tokens, under a causal mask whatever the body was trained with: every position learns. */
export const itemsLayout = (window: number): Layout => ({
  causal: true,
  tokens: window,
  before: () => NONE,
  after: NONE,
  words: () => NONE,
});
