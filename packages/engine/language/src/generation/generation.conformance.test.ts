import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DenseParameters, SeededRng, tf } from '@tandem-rec/compute';
import { modelFolder, requireOrSkip } from '@tandem-rec/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onEveryBackend } from '../../test/tensor-backends.ts';
import { Lora } from '../lora/lora.ts';
import { TransformerModel } from '../transformer/transformer-model.ts';
import { choose } from './choose.ts';
import { generate } from './generate.ts';
import { TokenTrie } from './token-trie.ts';

interface Reference {
  readonly prompts: readonly {
    readonly ids: readonly number[];
    readonly text: string;
    readonly greedy: { readonly ids: readonly number[]; readonly text: string };
  }[];
}

const stories = requireOrSkip('models', 'stories260K');

onEveryBackend('generation', (backend) => {
  describe.skipIf(!stories.available)('with stories260K', () => {
    let model: TransformerModel;
    let reference: Reference;
    beforeAll(async () => {
      model = await TransformerModel.open(modelFolder('stories260K'));
      reference = JSON.parse(readFileSync(join(modelFolder('stories260K'), 'reference.json'), 'utf8')) as Reference;
    });
    afterAll(() => model.dispose());
    const encode = (text: string): Int32Array => model.tokenizer.encode(text);

    it('writes the reference’s greedy texts, and leaves no tensor', async () => {
      const before = tf.memory().numTensors;
      for (const { ids, text, greedy } of reference.prompts) {
        const { text: added, ids: drawn, ended } = await generate(model, { ids }, { maxTokens: 60, stopIds: [] });
        expect([...drawn]).toEqual(greedy.ids);
        expect(text + added).toBe(greedy.text);
        expect(ended).toBe('length');
      }
      expect(tf.memory().numTensors).toBe(before);
    });

    it('goes on from embeddings as from tokens', async () => {
      const { ids, greedy } = reference.prompts[0];
      const embeddings = tf.tidy(() => model.embed(Int32Array.from(ids)).dataSync<'float32'>().slice());
      const { ids: drawn } = await generate(model, { embeddings }, { maxTokens: 12 });
      expect([...drawn]).toEqual(greedy.ids.slice(0, 12));
    });

    it('stops where it is told to, and at the end of its positions', async () => {
      expect(model.stops).toEqual([1, 2]);
      const ids = encode('Once upon a time');
      const stopped = await generate(model, { ids }, { maxTokens: 60, stop: ['.', 'was'] });
      expect([stopped.text, stopped.ended]).toEqual([', there ', 'stop']);
      const token = reference.prompts[0].greedy.ids[3];
      const byId = await generate(model, { ids }, { maxTokens: 60, stopIds: [token] });
      expect([byId.ids.length, byId.ended]).toEqual([4, 'stop']);
      if (backend === 'cpu') return; // It takes a minute for so many positions.
      const long = model.tokenizer.encode('One day '.repeat(400), { maxTokens: 510 });
      const full = await generate(model, { ids: long }, { maxTokens: 60, stopIds: [] });
      expect([full.ids.length, full.ended]).toEqual([3, 'length']);
    });

    it('draws the same text from the same seed', async () => {
      const drawn = async (seed: number): Promise<string> => {
        const options = { maxTokens: 20, temperature: 0.9, topP: 0.95, rng: new SeededRng(seed) };
        return (await generate(model, { ids: encode('Lily saw') }, options)).text;
      };
      expect(await drawn(1)).toBe(await drawn(1));
      expect(await drawn(1)).not.toBe(await drawn(2));
    });

    it('stops when it is told to by a signal', async () => {
      const signal = AbortSignal.abort(new Error('enough'));
      await expect(generate(model, { ids: [1] }, { maxTokens: 3, signal })).rejects.toThrow('enough');
    });

    describe('held to a list', () => {
      const names = ['Lily', 'Tim', 'Lilyan', 'Tom', 'a big dog', 'a big dinosaur'];
      const trieOf = (): TokenTrie =>
        new TokenTrie(names.map((name) => model.tokenizer.encode(name, { special: false })));
      const prompt = { ids: [] as ArrayLike<number> };
      beforeAll(() => {
        prompt.ids = encode('Once upon a time, there was a little girl named');
      });

      it('writes one of it, with the probability of its tokens among those allowed', async () => {
        const chosen = await choose(model, prompt, trieOf());
        expect(names[chosen.index]).toBe('Lily');
        // The same worked out from whole passes, branch by branch.
        const trie = trieOf();
        const tokens = [...model.tokenizer.encode('Lily', { special: false })];
        let expected = 0;
        let at = trie.root;
        for (const [i, token] of [...tokens, model.stops[0]].entries()) {
          const ways = [...at.children.keys(), ...(at.end === undefined ? [] : [model.stops[0]])];
          const seen = Int32Array.from([...Array.from(prompt.ids), ...tokens.slice(0, i)]);
          const logits = tf.tidy(() =>
            model
              .logits(model.states({ ids: seen, size: 1, length: seen.length }))
              .dataSync()
              .slice(-512),
          );
          const total = Math.log(ways.reduce((sum, way) => sum + Math.exp(logits[way]), 0));
          expected += logits[token] - total;
          at = at.children.get(token) ?? at;
        }
        expect(chosen.logProbability).toBeCloseTo(expected, 4);
      });

      it('leaves out what may not be chosen', async () => {
        const trie = trieOf();
        const without = new Set<number>();
        while (without.size < names.length) {
          const { index } = await choose(model, prompt, trie, { without });
          expect(without.has(index)).toBe(false);
          without.add(index);
        }
        await expect(choose(model, prompt, trie, { without })).rejects.toThrow(RangeError);
      });

      it('draws each as often as its probability says', async () => {
        const trie = trieOf();
        const rng = new SeededRng(1);
        const drawn = new Map<number, { count: number; probability: number }>();
        for (let i = 0; i < 30; i++) {
          const { index, logProbability } = await choose(model, prompt, trie, { temperature: 1, rng });
          const before = drawn.get(index)?.count ?? 0;
          drawn.set(index, { count: before + 1, probability: Math.exp(logProbability) });
        }
        for (const { count, probability } of drawn.values())
          expect(Math.abs(count / 30 - probability)).toBeLessThan(0.3);
      });
    });

    it('writes with weights that are being trained', async () => {
      const lora = new Lora(model.architecture, { rank: 2, alpha: 4, targets: ['q_proj', 'v_proj'] });
      const dense = new DenseParameters({ learningRate: 0.02 });
      lora.declare(dense, new SeededRng(1));
      const { ids, greedy } = reference.prompts[0];
      const write = async (): Promise<readonly number[]> => {
        const withWeights = (compute: (weights: ReturnType<Lora['on']>) => void): void =>
          dense.run((parameters) => compute(lora.on(model.weights, parameters)));
        return [...(await generate(model, { ids }, { maxTokens: 8, withWeights })).ids];
      };
      expect(await write()).toEqual(greedy.ids.slice(0, 8));
      const wanted = [...encode('Once upon a time a cat sat'), 1];
      for (let i = 0; i < 40; i++)
        dense.step((parameters) => {
          const weights = lora.on(model.weights, parameters);
          const input = { ids: Int32Array.from(wanted.slice(0, -1)), size: 1, length: wanted.length - 1 };
          const logits = model.logits(model.states(input, { weights }), weights);
          const next = tf.oneHot(tf.tensor1d(wanted.slice(1), 'int32'), 512);
          return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), next), 1))) as tf.Scalar;
        });
      expect(await write()).toEqual(wanted.slice(5));
    });
  });
});
