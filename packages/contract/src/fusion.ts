import { token, type Token } from './token.ts';
import type { Scores, UserContexts } from './batch.ts';
import type { Statistics } from './catalogue.ts';
import type { Role } from './knowledge.ts';
import type { Rows } from './matrix.ts';
import type { Stateful } from './state.ts';

/** One participant's scores over shared candidates. */
export interface ExpertScores {
  readonly name: string;
  readonly role: Role;
  /** `users × items`, logits; items the user already met are `-Infinity` in every expert. */
  readonly scores: Scores;
}

/** Several experts' opinions about the same users and items. */
export interface Opinions {
  readonly users: UserContexts;
  readonly items: Rows;
  readonly experts: readonly ExpertScores[];
}

/** Makes one ranking of several. It sees every participant of the composition. */
export interface Fusion extends Stateful {
  /** Once, before anything else: the experts in the order of `Opinions.experts`. */
  attach(experts: readonly { readonly name: string; readonly role: Role }[], statistics: Statistics): void;
  /** Fused logits, `users × items`. Pure. The array may be reused by the next call. */
  fuse(opinions: Opinions): Scores;
  /** Learns from the true items (positions within `opinions.items`), after `fuse` was judged on them. */
  learn?(opinions: Opinions, targets: Int32Array): void;
  /** What it has learned, for people: for example the experts' weights by bucket. */
  explain?(): Readonly<Record<string, unknown>>;
  close?(): void | Promise<void>;
}

/** Token of the extension point of the same name. */
export const Fusion: Token<Fusion> = token('Fusion');
