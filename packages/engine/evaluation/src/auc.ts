/**
 * Area under the ROC curve of scored examples: the chance that a positive one is scored above a negative one, ties
 * counted half (Mann and Whitney's U over the number of pairs). NaN if there is only one class, or if a score is NaN.
 *
 * @param positive 1 for positive examples, 0 for negative ones
 */
export function auc(scores: ArrayLike<number>, positive: ArrayLike<number>): number {
  const order = Uint32Array.from({ length: scores.length }, (_, k) => k).sort((a, b) => scores[a] - scores[b]);
  let positives = 0;
  // Twice the sum of the positives' ranks, from 1, so that middles of ties stay whole numbers.
  let ranks = 0;
  for (let first = 0; first < order.length;) {
    let next = first;
    let tied = 0;
    for (; next < order.length && scores[order[next]] === scores[order[first]]; next++)
      if (positive[order[next]]) tied++;
    if (next === first) return NaN;
    ranks += tied * (first + 1 + next);
    positives += tied;
    first = next;
  }
  return (ranks / 2 - (positives * (positives + 1)) / 2) / (positives * (order.length - positives));
}

/** Mean AUC of users. */
export interface Uauc {
  /** NaN if no user has both classes. */
  readonly uauc: number;
  /** Users with both classes, each counted once whatever their number of examples. */
  readonly users: number;
  /** Users with one class only, for whom no AUC exists: left out, not counted as 0 or 0.5. */
  readonly leftOut: number;
}

/** AUC user by user, then the mean, as in evaluations of click prediction (examples with a user, a score and a class). */
export function uauc(users: ArrayLike<number>, scores: ArrayLike<number>, positive: ArrayLike<number>): Uauc {
  const examples = new Map<number, number[]>();
  for (let k = 0; k < users.length; k++) {
    const own = examples.get(users[k]);
    if (own) own.push(k);
    else examples.set(users[k], [k]);
  }
  let sum = 0;
  let counted = 0;
  for (const own of examples.values()) {
    const positives = own.reduce((total, k) => total + (positive[k] ? 1 : 0), 0);
    if (positives === 0 || positives === own.length) continue;
    sum += auc(
      own.map((k) => scores[k]),
      own.map((k) => positive[k]),
    );
    counted++;
  }
  return { uauc: sum / counted, users: counted, leftOut: examples.size - counted };
}
