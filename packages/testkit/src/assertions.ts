import { createHash } from 'node:crypto';
import { TandemError, type NumericArray, type Scores, type State, type Step } from '@tandem-rec/contract';
import type { SharedEmbeddings } from '@tandem-rec/compute';
import { expect } from 'vitest';

/** Fails with the contract's words unless there is a score for each, and none is NaN or +∞. */
export function expectScores(scores: Scores, length: number, when: string): void {
  expect(scores, `${when}: scores are a Float32Array`).toBeInstanceOf(Float32Array);
  expect(scores.length, `${when}: one score per candidate and user, in the candidates' layout`).toBe(length);
  const bad = scores.findIndex((score) => Number.isNaN(score) || score === Number.POSITIVE_INFINITY);
  expect(
    bad === -1 ? 'finite or −∞' : `score ${bad} is ${scores[bad]}`,
    `${when}: a score is a logit or −∞, never NaN or +∞`,
  ).toBe('finite or −∞');
}

/** Fails unless two score arrays agree up to rounding. */
export function expectClose(actual: Scores, expected: Scores, message: string, tolerance = 1e-3): void {
  expect(actual.length, message).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) {
    if (actual[i] === expected[i]) continue;
    const difference = Math.abs(actual[i] - expected[i]) / Math.max(1, Math.abs(expected[i]));
    expect(difference, `${message} (entry ${i}: ${actual[i]} and ${expected[i]})`).toBeLessThanOrEqual(tolerance);
  }
}

/** The bits of an array as text, for exact comparison: −0 and 0 differ, NaN equals itself. Long arrays are compared by hash: vitest takes seconds for a megabyte. */
export function bits(array: NumericArray): string {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  return `${array.constructor.name} of ${array.length}: ${array.subarray(0, 8).join(', ')} … sha256 ${createHash('sha256').update(bytes).digest('hex')}`;
}

/** What a state was at a moment, unchanged by later learning, in a form that compares bit for bit. */
export function frozen({ version, values, arrays }: State): {
  readonly version: number;
  readonly values: string;
  readonly arrays: readonly string[];
} {
  return {
    version,
    values: JSON.stringify(values),
    arrays: arrays.map(({ name, shape, owner, data }) => `${name} [${shape.join(', ')}] of ${owner}: ${bits(data)}`),
  };
}

/** The code of what an action throws, its text where it has none; undefined if it throws nothing. */
export async function codeThrown(act: () => unknown): Promise<string | undefined> {
  try {
    await act();
    return undefined;
  } catch (error) {
    return TandemError.is(error) ? error.code : `not a TandemError: ${String(error)}`;
  }
}

/** A copy of a state through what a checkpoint does to it: JSON for the values, new arrays for the rest. */
export function copied(state: State): State {
  return {
    version: state.version,
    values: JSON.parse(JSON.stringify(state.values)) as State['values'],
    arrays: state.arrays.map((array) => ({ ...array, shape: [...array.shape], data: array.data.slice() })),
  };
}

/** Fails unless a checkpoint can hold the state. */
export function expectSound(state: State): void {
  expect(Number.isInteger(state.version), 'a state has a whole number as its version').toBe(true);
  expect(JSON.parse(JSON.stringify(state.values)), 'the values of a state must survive JSON unchanged').toEqual(
    state.values,
  );
  const names = state.arrays.map(({ name }) => name);
  expect(new Set(names).size, `the arrays of a state have different names: ${names.join(', ')}`).toBe(names.length);
  for (const { name, shape, owner, data } of state.arrays) {
    expect(data.length, `array ${name}: its length is the product of its shape [${shape.join(', ')}]`).toBe(
      shape.reduce((product, extent) => product * extent, 1),
    );
    expect(['user', 'item', 'common'], `array ${name}: its owner says whose rows these are`).toContain(owner);
    expect(
      ['Float32Array', 'Float64Array', 'Int32Array', 'Uint32Array', 'Uint8Array', 'BigInt64Array', 'Uint16Array'],
      `array ${name}: a checkpoint keeps arrays of these classes`,
    ).toContain(data.constructor.name);
    if (!(data instanceof BigInt64Array))
      expect((data as Float32Array).some(Number.isNaN), `array ${name}: holds no NaN`).toBe(false);
  }
}

/** Fails unless loading what lacks any one of the arrays is refused with the code for it. */
export async function expectRefusal(state: State, load: (state: State) => Promise<void>): Promise<void> {
  for (const missing of state.arrays) {
    const mutilated = copied({ ...state, arrays: state.arrays.filter(({ name }) => name !== missing.name) });
    expect(
      await codeThrown(() => load(mutilated)),
      `load must throw TANDEM_STATE_MISMATCH for a state without the array ${missing.name}: training on from half a state is worse than stopping`,
    ).toBe('TANDEM_STATE_MISMATCH');
  }
}

/** Fails unless the gradients of a step fit the tables they are for. `trainable`: full names of the tables it may train. */
export function expectGradients(step: Step, embeddings: SharedEmbeddings, trainable: ReadonlySet<string>): void {
  for (const [name, loss] of Object.entries(step.losses))
    expect(Number.isFinite(loss), `the loss ${name} is a finite number, not ${loss}`).toBe(true);
  for (const { table, rows, values } of step.rowGradients) {
    expect(
      [...trainable],
      `row gradients are only for tables one was granted to train; ${table} is none of them`,
    ).toContain(table);
    const { dim, rows: born } = embeddings.table(table);
    expect(values.length, `gradients for ${table} are rows × dim (${rows.length} × ${dim})`).toBe(rows.length * dim);
    expect(
      [...rows].every((row) => row >= 0 && row < born),
      `gradients for ${table} are for rows that exist`,
    ).toBe(true);
    expect(values.every(Number.isFinite), `gradients for ${table} are finite`).toBe(true);
  }
}
