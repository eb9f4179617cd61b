import { openTensorBackend, SeededRng } from '@tandem-rec/compute';
import { Notes } from '@tandem-rec/language';
import * as fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { tinyModel } from '../../test/fixture-models.ts';
import { environment, World } from '../../test/world.ts';
import type { NamedPasts } from '../pooling/pooling.ts';
import { PromptLayout } from '../words/prompt-layout.ts';
import { TitleTokens } from '../words/title-tokens.ts';
import type { Body } from './body.ts';
import { bodyOptions } from './body-options.ts';
import { BodyPooling } from './body-pooling.ts';
import { itemsLayout, type Layout } from './layout.ts';
import { openBody } from './open-body.ts';
import { tokenParts } from './token-parts.ts';

const DIM = 6;
const ITEMS = 12;
const rng = new SeededRng(5);
const numbers = (length: number): Float32Array => Float32Array.from({ length }, () => 0.3 * rng.normal());

/** Timelines, oldest item first: each user's events from `from` on are rows. */
function pastsOf(timelines: readonly (readonly number[])[], window: number, joined: boolean, from = 0): NamedPasts {
  const rows: { user: number; past: number[] }[] = [];
  const runs: number[] = [];
  for (const [user, items] of timelines.entries())
    for (let k = Math.min(from, items.length); k <= items.length; k++) {
      if (!joined || k === Math.min(from, items.length)) runs.push(rows.length);
      rows.push({ user, past: items.slice(Math.max(0, k - window), k).toReversed() });
    }
  const offsets = new Int32Array(rows.length + 1);
  for (const [b, { past }] of rows.entries()) offsets[b + 1] = offsets[b] + past.length;
  return {
    size: rows.length,
    offsets,
    items: Int32Array.from(rows.flatMap(({ past }) => past)),
    runs: Int32Array.of(...runs, rows.length),
    users: Int32Array.from(rows, ({ user }) => user),
    rows: Int32Array.from({ length: ITEMS }, (_, row) => row),
    vectors: numbers(ITEMS * DIM),
  };
}

const TIMELINES = [[0, 1, 2, 3, 4], [], [5], [6, 7, 8, 2, 1, 0, 9]];

describe('body pooling', () => {
  beforeAll(() => openTensorBackend({ prefer: 'wasm' }));
  const open: Body[] = [];
  afterEach(() => {
    for (const body of open.splice(0)) body.close();
  });

  async function pooling(
    name: string,
    { tokens = 1000, window = 8, reads = 'items', train = 'lora', dropout = 0 } = {},
  ): Promise<BodyPooling> {
    const options = bodyOptions.parse({ model: tinyModel(name), reads, train, learningRate: 0.01, lora: { rank: 2 } });
    const body = await openBody(options, environment());
    open.push(body);
    // Adapters begin at zero, and would hide their gradients.
    for (const parameter of body.dense.names) {
      const values = body.dense.get(parameter);
      for (let i = 0; i < values.length; i++) values[i] += 0.1 * Math.sin(i);
    }
    const layout: Layout = reads === 'items' ? itemsLayout(window) : await promptLayout(body);
    return new BodyPooling(body, layout, { dim: DIM, window, tokens, dropout }, new SeededRng(2));
  }

  async function promptLayout(body: Body): Promise<Layout> {
    const titles = new TitleTokens(body.model.tokenizer, 3);
    const world = new World(4, ITEMS);
    for (let row = 0; row < ITEMS; row++) world.rename(row, [...'abcdefgh'].slice(0, row % 4).join(' '));
    titles.attach(world.catalogue);
    return new PromptLayout(body.model, titles, new Notes({ perRow: 1, rows: 9, textLimit: 50 }), 16);
  }

  it('cuts pasts into sequences that read each of them once, within window, length and budget', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.nat(ITEMS - 1), { maxLength: 30 }), { maxLength: 6 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 0, max: 4 }),
        fc.boolean(),
        fc.boolean(),
        (timelines, window, from, causal, worded) => {
          const pasts = pastsOf(timelines, window, true, from);
          const tokens = worded ? 12 : window;
          const layout: Layout = {
            ...itemsLayout(window),
            ...{ causal, tokens },
            ...(worded && { before: () => [7], after: [8], words: (row) => Array.from({ length: row % 5 }, () => 9) }),
          };
          const parts = tokenParts(pasts, window, layout, 20);
          expect(parts.flatMap((part) => [...part.pasts]).sort((a, b) => a - b)).toEqual(
            Array.from({ length: pasts.size }, (_, b) => b),
          );
          for (const part of parts) {
            expect(part.width).toBeLessThanOrEqual(tokens);
            expect(part.starts.length).toBeLessThanOrEqual(Math.max(20, part.width));
            const itemAt = new Map(Array.from(part.places, (place, i) => [place, part.items[i]] as const));
            for (const [i, at] of part.states.entries()) {
              const b = part.pasts[i];
              const past = [...pasts.items.subarray(pasts.offsets[b], pasts.offsets[b + 1])];
              const end = causal ? at : part.starts.lastIndexOf(part.starts[at]);
              const read: number[] = [];
              for (let place = end; place >= part.starts[at]; place--)
                if (itemAt.has(place)) read.push(itemAt.get(place)!);
              // The newest items, and of a past that is not cut off all of them.
              expect(read.length).toBeGreaterThan(0);
              expect(past.slice(0, read.length)).toEqual(read.slice(0, past.length));
              if (!worded && past.length < window / 2) expect(read.length).toBe(past.length);
            }
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  const kinds = [
    { name: 'bert', reads: 'items', train: 'lora' },
    { name: 'gpt2', reads: 'prompt', train: 'full' },
    { name: 'bert', reads: 'prompt', train: 'full' },
    { name: 'llama', reads: 'items', train: 'full' },
  ] as const;

  describe.each(kinds)('of a tiny $name that reads $reads, trained: $train', (kind) => {
    it('gives the same states whether a life is read at once or past by past, in one part or many', async () => {
      const [one, many] = [await pooling(kind.name, kind), await pooling(kind.name, { ...kind, tokens: 2 })];
      const pasts = pastsOf(TIMELINES, 8, true);
      const states = one.states(pasts);
      expect(states.length).toBe(pasts.size * DIM);
      const singly = one.states({ ...pasts, runs: Int32Array.from({ length: pasts.size + 1 }, (_, b) => b) });
      const inParts = many.states(pasts);
      for (const [i, state] of states.entries()) {
        expect(state).toBeCloseTo(singly[i], 4);
        expect(state).toBeCloseTo(inParts[i], 4);
      }
      // The pasts before anything was met are all alike; others are not.
      const state = (b: number): number[] => [...states.subarray(b * DIM, (b + 1) * DIM)];
      expect(state(6)).toEqual(state(0));
      expect(state(1)).not.toEqual(state(0));
    });

    it('has the gradient that differences show, for items, projections and body, in one part or many', async () => {
      const weights = numbers(100 * DIM);
      const head = (states: Float32Array): Float32Array => weights.subarray(0, states.length);
      const pasts = pastsOf(TIMELINES, 8, true);
      const value = (model: BodyPooling): number =>
        model.states(pasts).reduce((sum, state, i) => sum + state * weights[i], 0);
      const learned: Float32Array[] = [];
      for (const tokens of [1000, 9]) {
        const model = await pooling(kind.name, { ...kind, tokens });
        const dVectors = new Float32Array(ITEMS * DIM);
        // Rate 0: nothing moves, and the scale of the items is as it was.
        model.train(pasts, head, dVectors, { rate: 0, seed: 1 });
        const step = 2e-2;
        for (const i of [0, 1, 2 * DIM + 3, 9 * DIM + 1]) {
          const at = pasts.vectors[i];
          pasts.vectors[i] = at + step;
          const above = value(model);
          pasts.vectors[i] = at - step;
          const below = value(model);
          pasts.vectors[i] = at;
          const slope = (above - below) / (2 * step);
          expect(Math.abs(dVectors[i] - slope)).toBeLessThan(0.02 * Math.max(0.3, Math.abs(slope)));
        }
        const before = value(model);
        model.train(pasts, head, new Float32Array(ITEMS * DIM), { rate: 1, seed: 1 });
        expect(value(model)).toBeLessThan(before);
        learned.push(model.states(pasts));
      }
      for (const [i, state] of learned[0].entries()) expect(state).toBeCloseTo(learned[1][i], 3);
    });
  });

  it('computes the gradients of a step in parts with the dropout that its states had', async () => {
    const pasts = pastsOf(TIMELINES, 8, true);
    const head = (states: Float32Array): Float32Array => states.map((state) => state);
    const of = async (seed: number): Promise<Float32Array> => {
      const model = await pooling('bert', { tokens: 9, dropout: 0.3 });
      const dVectors = new Float32Array(ITEMS * DIM);
      model.train(pasts, head, dVectors, { rate: 1, seed });
      return dVectors;
    };
    const first = await of(1);
    expect(await of(1)).toEqual(first);
    expect(await of(2)).not.toEqual(first);
  });
});
