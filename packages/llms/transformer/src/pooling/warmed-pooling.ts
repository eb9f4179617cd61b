import { savedArray, type NamedArray } from '@tandem-rec/contract';
import type { LearningStep, NamedPasts, Pooling } from './pooling.ts';

const LEARNED = 'warm-up';

/**
 * A small pooling that learns first, until so many events are learned, and then a large one in its place: item vectors are most
 * of what is to be learned, and a small pooling teaches them at a small part of the cost.
 */
export class WarmedPooling implements Pooling {
  readonly #small: Pooling;
  readonly #large: Pooling;
  readonly #events: number;
  /** Events learned so far, of a size that single precision counts exactly. */
  readonly #learned = new Float32Array(1);

  /** @param events fewer than 2²⁴ */
  constructor(small: Pooling, large: Pooling, events: number) {
    this.#small = small;
    this.#large = large;
    this.#events = events;
  }

  get window(): number {
    return this.#large.window;
  }

  get exactRun(): number {
    return Math.min(this.#small.exactRun, this.#large.exactRun);
  }

  states(pasts: NamedPasts): Float32Array {
    return this.#now.states(pasts);
  }

  train(
    pasts: NamedPasts,
    head: (states: Float32Array) => Float32Array,
    dVectors: Float32Array,
    step: LearningStep,
  ): void {
    this.#now.train(pasts, head, dVectors, step);
    this.#learned[0] = Math.min(this.#events, this.#learned[0] + pasts.size);
  }

  save(): readonly NamedArray[] {
    return [
      ...this.#small.save(),
      ...this.#large.save(),
      { name: LEARNED, shape: [1], owner: 'common', data: this.#learned },
    ];
  }

  load(arrays: readonly NamedArray[]): void {
    this.#small.load(arrays);
    this.#large.load(arrays);
    this.#learned.set(savedArray({ arrays }, LEARNED, Float32Array, [1]));
  }

  get #now(): Pooling {
    return this.#learned[0] < this.#events ? this.#small : this.#large;
  }
}
