import { BUCKETS } from './buckets.ts';

/** Weights of a lesson by bucket when so many events had been learned. */
export interface EvidencePoint {
  readonly sequence: number;
  readonly weights: readonly number[];
}

/** As saved: per bucket the decayed number of measurements, its own square’s sum, their sum and the sum of their squares. */
export interface SavedEvidence {
  readonly [key: string]:
    readonly (readonly number[])[] | readonly { readonly [key: string]: number | number[] }[] | number;
  readonly sums: readonly (readonly number[])[];
  readonly series: readonly { readonly sequence: number; readonly weights: number[] }[];
  readonly every: number;
  readonly asked: number;
}

const MOST_POINTS = 200;

/**
 * What a lesson was measured to bring, by bucket: mean and standard error of gains that are forgotten over `memory` events,
 * and the weight that follows from them. Without any, no weight.
 */
export class Evidence {
  readonly #memory: number;
  /** Per bucket n, Σ squared shares, Σ gain, Σ gain², all decayed. */
  #sums: number[][] = BUCKETS.map(() => [0, 0, 0, 0]);
  #series: { readonly sequence: number; readonly weights: number[] }[] = [];
  /** Events between two points of the series; doubles when it is full. */
  #every = 500;
  #asked = 0;

  constructor(memory: number) {
    this.#memory = memory;
  }

  /** `events × buckets` gains; NaN: that event does not judge that bucket. */
  add(gains: Float64Array, sequence: number): void {
    const keep = Math.exp(-gains.length / BUCKETS.length / this.#memory);
    for (const [k, sums] of this.#sums.entries()) {
      sums[0] *= keep;
      sums[1] *= keep * keep;
      sums[2] *= keep;
      sums[3] *= keep;
      for (let at = k; at < gains.length; at += BUCKETS.length) {
        const gain = gains[at];
        if (Number.isNaN(gain)) continue;
        sums[0]++;
        sums[1]++;
        sums[2] += gain;
        sums[3] += gain * gain;
      }
    }
    this.#note(sequence);
  }

  /** Whether a measurement that costs something is worth it now: always while little is known, then one time in five. */
  isDue(): boolean {
    const known = Math.max(...this.#sums.map(([n]) => n));
    return this.#asked++ % PAUSE === 0 || known < SETTLED;
  }

  mean(bucket: number): number {
    const [n, , sum] = this.#sums[bucket];
    return n > 0 ? sum / n : 0;
  }

  /** How many standard errors the mean is above zero; 0 while nothing is known. */
  certainty(bucket: number): number {
    const [n, squaredShares, sum, squares] = this.#sums[bucket];
    if (n < LEAST_EVENTS) return 0;
    const mean = sum / n;
    const variance = Math.max(squares / n - mean * mean, 0);
    const standardError = Math.sqrt((variance * squaredShares) / (n * n));
    return standardError > 0 ? mean / standardError : Math.sign(mean) * FULL;
  }

  /** 0 while the mean is not above zero, 1 from two standard errors on. */
  weight(bucket: number): number {
    return Math.min(1, Math.max(0, (this.certainty(bucket) - NONE) / (FULL - NONE)));
  }

  get series(): readonly EvidencePoint[] {
    return this.#series;
  }

  save(): SavedEvidence {
    return {
      sums: this.#sums.map((sums) => [...sums]),
      series: [...this.#series],
      every: this.#every,
      asked: this.#asked,
    };
  }

  load({ sums, series, every, asked }: SavedEvidence): void {
    this.#sums = sums.map((one) => [...one]);
    this.#series = [...series];
    this.#every = every;
    this.#asked = asked;
  }

  #note(sequence: number): void {
    const last = this.#series.at(-1);
    if (last && sequence < last.sequence + this.#every) return;
    this.#series.push({ sequence, weights: BUCKETS.map((_, k) => this.weight(k)) });
    if (this.#series.length < MOST_POINTS) return;
    this.#series = this.#series.filter((_, at) => at % 2 === 0);
    this.#every *= 2;
  }
}

/** Events before anything is concluded. */
const LEAST_EVENTS = 100;
/** Standard errors at which a weight leaves zero, and at which it is one. */
const NONE = 0;
const FULL = 2;
/** Events after which something is known, and what part of costly measurements is made then. */
const SETTLED = 1000;
const PAUSE = 5;
