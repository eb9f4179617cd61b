import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tf } from '@tandem-rec/compute';
import { modelFolder, requireOrSkip } from '@tandem-rec/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onEveryBackend } from '../../test/tensor-backends.ts';
import { tokenBatch } from '../tokens/token-batch.ts';
import { TransformerModel } from './transformer-model.ts';

interface MiniLmReference {
  readonly sentences: readonly {
    readonly text: string;
    readonly ids: readonly number[];
    readonly pooled_first8: readonly number[];
    readonly pooled_norm: number;
  }[];
  readonly cosine: readonly (readonly number[])[];
}

interface StoriesReference {
  readonly prompts: readonly {
    readonly ids: readonly number[];
    readonly top5: readonly { readonly id: number; readonly logit: number }[];
  }[];
  readonly sentences: readonly { readonly ids: readonly number[]; readonly per_token: readonly number[] }[];
}

const minilm = requireOrSkip('models', 'all-MiniLM-L6-v2');
const stories = requireOrSkip('models', 'stories260K');
const referenceOf = <T>(name: string): T =>
  JSON.parse(readFileSync(join(modelFolder(name), 'reference.json'), 'utf8')) as T;

onEveryBackend('pretrained weights', () => {
  describe.skipIf(!minilm.available)('of all-MiniLM-L6-v2', () => {
    let model: TransformerModel;
    beforeAll(async () => {
      model = await TransformerModel.open(modelFolder('all-MiniLM-L6-v2'));
    });
    afterAll(() => model.dispose());

    it('give the reference’s tokens, pooled vectors, norms and cosines, padded as they are', () => {
      const { sentences, cosine } = referenceOf<MiniLmReference>('all-MiniLM-L6-v2');
      const tokens = sentences.map(({ text }) => model.tokenizer.encode(text));
      expect(tokens.map((ids) => [...ids])).toEqual(sentences.map(({ ids }) => ids));
      const { ids, size, length, lengths } = tokenBatch(tokens, model.tokenizer.padId);
      const states = tf.tidy(() => model.states({ ids, size, length }, { lengths }).dataSync<'float32'>().slice());
      const pooled = sentences.map((_, b) =>
        Float64Array.from({ length: model.width }, (_, d) => {
          let sum = 0;
          for (let i = 0; i < lengths[b]; i++) sum += states[(b * length + i) * model.width + d];
          return sum / lengths[b];
        }),
      );
      for (const [b, { pooled_first8, pooled_norm }] of sentences.entries()) {
        for (const [d, value] of pooled_first8.entries()) expect(Math.abs(pooled[b][d] - value)).toBeLessThan(1e-5);
        expect(Math.abs(Math.hypot(...pooled[b]) - pooled_norm)).toBeLessThan(1e-5);
        for (const [c, value] of cosine[b].entries()) {
          const dot = pooled[b].reduce((sum, x, d) => sum + x * pooled[c][d], 0);
          const product = dot / (Math.hypot(...pooled[b]) * Math.hypot(...pooled[c]));
          expect(Math.abs(product - value)).toBeLessThan(1e-5);
        }
      }
    });
  });

  describe.skipIf(!stories.available)('of stories260K', () => {
    let model: TransformerModel;
    beforeAll(async () => {
      model = await TransformerModel.open(modelFolder('stories260K'));
    });
    afterAll(() => model.dispose());

    it('give the reference’s logits and likelihoods', () => {
      const { prompts, sentences } = referenceOf<StoriesReference>('stories260K');
      const logits = (ids: readonly number[]): Float32Array =>
        tf.tidy(() =>
          model
            .logits(model.states({ ids: Int32Array.from(ids), size: 1, length: ids.length }))
            .dataSync<'float32'>()
            .slice(),
        );
      for (const { ids, top5 } of prompts) {
        const last = logits(ids).slice(-512);
        for (const { id, logit } of top5) expect(Math.abs(last[id] - logit)).toBeLessThan(1e-4);
      }
      for (const { ids, per_token } of sentences) {
        const all = logits(ids);
        for (const [i, expected] of per_token.entries()) {
          const row = all.subarray(i * 512, (i + 1) * 512);
          const max = Math.max(...row);
          const nll = max + Math.log(row.reduce((sum, x) => sum + Math.exp(x - max), 0)) - row[ids[i + 1]];
          expect(Math.abs(nll - expected)).toBeLessThan(1e-4);
        }
      }
    });
  });
});
