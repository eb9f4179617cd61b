import { BUCKETS } from './buckets.ts';
import { ForgetfulMean } from './forgetful-mean.ts';

/** Weights of a lesson by bucket when so many events had been learned. */
export interface EvidencePoint {
  readonly sequence: number;
  readonly weights: readonly number[];
}

type Sums = readonly (readonly number[])[];

/** As saved: sums by bucket, of all that is remembered and of the newest. */
export interface SavedEvidence {
  readonly [key: string]: Sums | readonly { readonly [key: string]: number | number[] }[] | number;
  readonly gains: Sums;
  readonly newest: Sums;
  readonly series: readonly { readonly sequence: number; readonly weights: number[] }[];
  readonly every: number;
  readonly asked: number;
}

/** Events before anything is concluded. */
const LEAST_EVENTS = 100;
/** Standard errors above zero at which a lesson is heard wholly; below zero, lately, at which it is not heard at all. */
const SURE = 2;
/** What part of the memory is lately. */
const LATELY = 1 / 6;
/** Events after which something is known, and what part of costly measurements is made then. */
const SETTLED = 1000;
const PAUSE = 5;
const MOST_POINTS = 200;

/**
 * What a lesson was measured to bring, by bucket: mean and standard error of gains that are forgotten over `memory` events,
 * and the weight that follows from them. Without any, no weight.
 */
export class Evidence {
  readonly #gains: readonly ForgetfulMean[];
  readonly #newest: readonly ForgetfulMean[];
  #series: { readonly sequence: number; readonly weights: number[] }[] = [];
  /** Events between two points of the series; doubles when it is full. */
  #every = 500;
  #asked = 0;

  constructor(memory: number) {
    this.#gains = BUCKETS.map(() => new ForgetfulMean(memory));
    this.#newest = BUCKETS.map(() => new ForgetfulMean(memory * LATELY));
  }

  /** `events × buckets` gains; NaN: that event does not judge that bucket. */
  add(gains: Float64Array, sequence: number): void {
    const events = gains.length / BUCKETS.length;
    for (const means of [this.#gains, this.#newest])
      for (const [k, mean] of means.entries()) mean.add(gains, k, BUCKETS.length, events);
    this.#note(sequence);
  }

  /** Whether a measurement that costs something is worth it now: always while little is known, then one time in five. */
  isDue(): boolean {
    const known = Math.max(...this.#gains.map(({ count }) => count));
    return this.#asked++ % PAUSE === 0 || known < SETTLED;
  }

  mean(bucket: number): number {
    return this.#gains[bucket].mean;
  }

  /** How many standard errors the mean is above zero; 0 while too little is known. */
  certainty(bucket: number): number {
    const gains = this.#gains[bucket];
    return gains.count < LEAST_EVENTS ? 0 : Math.min(Math.max(gains.certainty, -MOST), MOST);
  }

  /** 0 while the mean is not above zero, 1 from two standard errors on; less, down to 0, where it harmed lately. */
  weight(bucket: number): number {
    const lately = this.#newest[bucket].certainty;
    return between0And1(this.certainty(bucket) / SURE) * between0And1(1 + lately / SURE);
  }

  get series(): readonly EvidencePoint[] {
    return this.#series;
  }

  save(): SavedEvidence {
    return {
      gains: this.#gains.map((mean) => mean.save()),
      newest: this.#newest.map((mean) => mean.save()),
      series: [...this.#series],
      every: this.#every,
      asked: this.#asked,
    };
  }

  load({ gains, newest, series, every, asked }: SavedEvidence): void {
    for (const [k, mean] of this.#gains.entries()) mean.load(gains[k]);
    for (const [k, mean] of this.#newest.entries()) mean.load(newest[k]);
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

/** Certainties are told as numbers, also where nothing varies. */
const MOST = 1000;

const between0And1 = (value: number): number => Math.min(1, Math.max(0, value));
