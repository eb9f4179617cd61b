import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';

/** What `make_fixtures.py` computed with one of its tiny models. */
export interface Expected {
  readonly ids: readonly (readonly number[])[];
  readonly lengths: readonly number[];
  /** `size · length × width`. */
  readonly states: readonly number[];
  readonly logits?: readonly number[];
  readonly softTokens: {
    readonly embeddings: readonly number[];
    readonly states: readonly number[];
    /** Of Σ sin(i) · states_i. */
    readonly gradient: readonly number[];
  };
  readonly lora: {
    readonly states: readonly number[];
    /** Of the same sum over real positions, by peft's name. */
    readonly gradients: Readonly<Record<string, readonly number[]>>;
  };
}

export const FIXTURES = ['bert', 'gpt2', 'gpt-neox', 'gpt-neox-serial', 'llama'] as const;

/** The folder of a tiny model in Hugging Face layout. */
export const fixtureFolder = (name: string): string => join(import.meta.dirname, 'fixtures', name);

export const expectedOf = (name: string): Expected =>
  JSON.parse(readFileSync(join(fixtureFolder(name), 'expected.json'), 'utf8')) as Expected;

/** The largest difference, which must be below `tolerance`. */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-5): void {
  expect(actual.length).toBe(expected.length);
  let worst = 0;
  for (let i = 0; i < expected.length; i++) worst = Math.max(worst, Math.abs(actual[i] - expected[i]));
  expect(worst).toBeLessThan(tolerance);
}

/** sin 0, sin 1, …: weights that tell positions apart. */
export const sines = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => Math.sin(i));
