import type { Rng } from '@tandem-rec/contract';

/** How the next token is drawn. */
export interface Sampling {
  /** Logits are divided by it; 0: always the best token. Default 0. */
  readonly temperature?: number;
  /** Only the likeliest tokens that together reach this probability are drawn from (Holtzman et al., 2020). Default 1. */
  readonly topP?: number;
}

/**
 * A token by its logits. Those that are −∞ are never drawn; of equal ones the first is the best.
 * Throws RangeError where none can be drawn, or where temperature needs an `rng` and there is none.
 */
export function sampleToken(logits: ArrayLike<number>, { temperature = 0, topP = 1 }: Sampling, rng?: Rng): number {
  let best = -1;
  for (let i = 0; i < logits.length; i++) if (logits[i] > (best < 0 ? -Infinity : logits[best])) best = i;
  if (best < 0) throw new RangeError('No token can be drawn: all logits are −∞ or not numbers.');
  if (temperature === 0) return best;
  if (!rng) throw new RangeError('A temperature above 0 needs random numbers.');
  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - logits[best]) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const order = Array.from(weights, (_, i) => i)
    .filter((i) => weights[i] > 0)
    .sort((a, b) => weights[b] - weights[a] || a - b);
  let kept = 0;
  let mass = 0;
  while (kept < order.length && (kept === 0 || mass < topP * total)) mass += weights[order[kept++]];
  let left = rng.next() * mass;
  for (const i of order.slice(0, kept)) {
    left -= weights[i];
    if (left < 0) return i;
  }
  return order[kept - 1];
}
