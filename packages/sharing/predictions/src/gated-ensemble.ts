import { softmaxRows } from '@tandem-rec/compute';
import { TandemError, type Batch, type JsonValue, type Outcome } from '@tandem-rec/contract';
import type { Beliefs } from '@tandem-rec/exchange';
import { believing } from './believing.ts';

/** Events over which the gate averages. */
const MEMORY = 1000;
/** Where groups of users begin, by interactions so far. */
const STARTS = [0, 1, 5, 20];

/**
 * A mixture of everybody's beliefs, p̄(i) = Σ_e g_e p_e(i), with gates g of its own for users without a past, with few, some
 * and many interactions. The gates follow online EM, one step for each event that was ranked before it was learned: with
 * rank_e the 0-based place that expert e gave the true item, as likely as 1 / (1 + rank_e),
 *
 *     r_e = g_e / (1 + rank_e) / Σ_f g_f / (1 + rank_f)        g_e ← g_e + η (r_e − g_e),  η = 1 / 1000
 */
export class GatedEnsemble {
  /** By user group and expert. Who is not in it counts as much as everybody in an equal mixture. */
  #gates: Record<string, number>[] = STARTS.map(() => ({}));

  observe({ batch, ranks }: Outcome): void {
    const experts = Object.keys(ranks);
    for (let row = 0; row < batch.fresh; row++) {
      if (experts.some((name) => ranks[name][row] < 0)) continue;
      const gates = this.#gates[groupOf(batch.positions[row])];
      const g = experts.map((name) => (gates[name] ??= 1 / experts.length));
      const r = experts.map((name, e) => g[e] / (1 + ranks[name][row]));
      const sum = r.reduce((total, one) => total + one, 0);
      experts.forEach((name, e) => (gates[name] = g[e] + (r[e] / sum - g[e]) / MEMORY));
    }
  }

  /** The mixture of what `experts` believe about the same candidates, taught by `teacher`, one of them. */
  beliefs(experts: readonly Beliefs[], teacher: Beliefs, batch: Batch): Beliefs {
    const { items, temperature } = teacher;
    const width = items.length;
    const mixture = new Float32Array(batch.size * width);
    const p = new Float32Array(mixture.length);
    const shares = Array.from({ length: batch.size }, (_, row) => this.#sharesAt(batch.positions[row], experts));
    for (const [e, { scores }] of experts.entries()) {
      softmaxRows(scores, batch.size, width, temperature, p, new Float64Array(batch.size));
      for (let at = 0; at < mixture.length; at++) mixture[at] += shares[Math.floor(at / width)][e] * p[at];
    }
    return believing(
      teacher,
      mixture.map((mass) => temperature * Math.log(mass)),
      batch,
    );
  }

  /** Gates of these experts for a user with so many interactions, summing to one. */
  #sharesAt(position: number, experts: readonly Beliefs[]): readonly number[] {
    const gates = this.#gates[groupOf(position)];
    const g = experts.map(({ participant }) => gates[participant] ?? 1 / experts.length);
    const sum = g.reduce((total, one) => total + one, 0);
    return g.map((one) => one / sum);
  }

  save(): JsonValue {
    return this.#gates.map((gates) => ({ ...gates }));
  }

  /** Throws `TANDEM_STATE_MISMATCH`. */
  load(saved: JsonValue | undefined): void {
    if (!Array.isArray(saved) || saved.length !== STARTS.length)
      throw new TandemError('TANDEM_STATE_MISMATCH', 'The saved state of distil has no gates.');
    this.#gates = (saved as Record<string, number>[]).map((gates) => ({ ...gates }));
  }
}

const groupOf = (interactions: number): number => STARTS.findLastIndex((start) => interactions >= start);
