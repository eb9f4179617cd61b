import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DenseParameters, SeededRng, tf, type LossFunction, type Tensors } from '@tandem-rec/compute';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectClose, expectedOf, FIXTURES, fixtureFolder, sines } from '../../test/fixtures.ts';
import { onEveryBackend } from '../../test/tensor-backends.ts';
import { withTrained, type Weights } from '../transformer/weights.ts';
import { TransformerModel } from '../transformer/transformer-model.ts';
import { openAdapter, saveAdapter } from './adapter-files.ts';
import { Lora } from './lora.ts';

onEveryBackend('LoRA', () => {
  describe.each(FIXTURES)('on a tiny %s', (name) => {
    const expected = expectedOf(name);
    const [size, length] = [expected.ids.length, expected.ids[0].length];
    const ids = Int32Array.from(expected.ids.flat());
    const lengths = Int32Array.from(expected.lengths);
    const folder = join(fixtureFolder(name), 'adapter');
    let model: TransformerModel;
    beforeAll(async () => {
      model = await TransformerModel.open(fixtureFolder(name));
    });
    afterAll(() => model.dispose());

    /** Σ sin(i) · states_i over real positions. */
    const lossOf =
      (weightsOf: (parameters: Tensors) => Weights): LossFunction =>
      (parameters) => {
        const states = model.states({ ids, size, length }, { lengths, weights: weightsOf(parameters) });
        const weights = sines(size * length * model.width);
        for (let i = 0; i < weights.length; i++)
          if (Math.floor(i / model.width) % length >= lengths[Math.floor(i / model.width / length)]) weights[i] = 0;
        return tf.sum(tf.mul(states, tf.tensor2d(weights, [size * length, model.width])));
      };
    const statesOf = (dense: DenseParameters, lora: Lora): readonly number[] =>
      dense.run((parameters) => {
        const weights = lora.on(model.weights, parameters);
        const data = model.states({ ids, size, length }, { lengths, weights }).dataSync();
        return expected.lengths.flatMap((count, b) => [
          ...data.slice(b * length * model.width, (b * length + count) * model.width),
        ]);
      });
    const expectedStates = expected.lengths.flatMap((count, b) =>
      expected.lora.states.slice(b * length * widthOf(name), (b * length + count) * widthOf(name)),
    );

    it('computes with an adapter of peft what peft does', async () => {
      const { lora, load } = await openAdapter(folder, model.architecture);
      const dense = new DenseParameters({ learningRate: 0.01 });
      load(dense);
      expectClose(statesOf(dense, lora), expectedStates, 2e-5);
    });

    it('has peft’s gradients: the first step of Adam goes where they say', async () => {
      const { lora, load } = await openAdapter(folder, model.architecture);
      // Without memory and with a large ε a step is −rate · gradient / ε.
      const dense = new DenseParameters({ learningRate: 1e3, beta1: 0, beta2: 0.5, epsilon: 1e6 });
      load(dense);
      const before = new Map(dense.names.map((parameter) => [parameter, dense.get(parameter).slice()]));
      dense.step(lossOf((parameters) => lora.on(model.weights, parameters)));
      for (const [file, gradient] of Object.entries(expected.lora.gradients)) {
        const parameter = file.replace('base_model.model.', 'lora/').replace('.default', '');
        const moved = dense.get(parameter).map((value, i) => (before.get(parameter)![i] - value) * 1e3);
        const most = Math.max(...gradient.map(Math.abs));
        expect(most).toBeGreaterThan(0.01);
        expectClose(moved, gradient, 1e-2 * (1 + most));
      }
    });

    it('begins as the pretrained model, learns, and comes back from its files', async () => {
      const { targets } = (await openAdapter(folder, model.architecture)).lora.options;
      const lora = new Lora(model.architecture, { rank: 3, alpha: 6, targets, dropout: 0.1 });
      const dense = new DenseParameters({ learningRate: 0.01 });
      const rng = new SeededRng(1);
      lora.declare(dense, rng);
      expect(dense.names.reduce((sum, parameter) => sum + dense.get(parameter).length, 0)).toBe(lora.size);
      const plain = tf.tidy(() => model.states({ ids, size, length }, { lengths }).dataSync());
      expectClose(statesOf(dense, lora).slice(0, length * model.width), plain.slice(0, length * model.width), 1e-6);
      const loss = lossOf((parameters) => lora.on(model.weights, parameters));
      const start = dense.measure(loss).loss;
      for (let i = 0; i < 5; i++) dense.step(lossOf((parameters) => lora.on(model.weights, parameters, rng)));
      expect(dense.measure(loss).loss).toBeLessThan(start);

      const saved = mkdtempSync(join(tmpdir(), 'tandem-adapter-'));
      await saveAdapter(saved, lora, dense, { causal: model.architecture.causal });
      const opened = await openAdapter(saved, model.architecture);
      expect(opened.lora.options).toEqual({ ...lora.options, rankStabilised: false });
      const again = new DenseParameters({ learningRate: 0.01 });
      opened.load(again);
      expect(statesOf(again, opened.lora)).toEqual(statesOf(dense, lora));
    });
  });

  it('may train all weights instead, in parts of a batch', async () => {
    const model = await TransformerModel.open(fixtureFolder('gpt2'));
    const { bytes } = model;
    const dense = new DenseParameters({ learningRate: 0.01 });
    model.train(dense);
    expect([dense.names.length, model.bytes]).toEqual([2 + 2 * 12 + 2, 0]);
    expect(dense.names.reduce((sum, name) => sum + 4 * dense.get(name).length, 0)).toBe(bytes);
    const lossOn =
      (ids: readonly number[]): LossFunction =>
      (parameters) => {
        const weights = withTrained(model.weights, parameters);
        const states = model.states({ ids: Int32Array.from(ids), size: 1, length: ids.length }, { weights });
        const next = tf.oneHot(tf.tensor1d([...ids.slice(1), 0], 'int32'), 20);
        return tf.neg(tf.mean(tf.mul(tf.logSoftmax(model.logits(states, weights)), next))) as tf.Scalar;
      };
    const start = dense.measure(lossOn([3, 7, 1, 19])).loss;
    for (let i = 0; i < 5; i++) dense.accumulatedStep([{ loss: lossOn([3, 7, 1, 19]) }, { loss: lossOn([2, 9]) }]);
    expect(dense.measure(lossOn([3, 7, 1, 19])).loss).toBeLessThan(start);
  });

  it('refuses adapters of other models', async () => {
    const { architecture } = await TransformerModel.open(fixtureFolder('llama'));
    await expect(openAdapter(join(fixtureFolder('bert'), 'adapter'), architecture)).rejects.toMatchObject({
      code: 'TANDEM_MODEL_WEIGHTS_INVALID',
      message: expect.stringMatching(
        /for another model: No linear layer is named .*"query".*; a layer has: self_attn\.q_proj/,
      ) as string,
    });
    const folder = mkdtempSync(join(tmpdir(), 'tandem-adapter-'));
    cpSync(join(fixtureFolder('llama'), 'adapter'), folder, { recursive: true });
    const edit = (change: object): void => {
      const path = join(fixtureFolder('llama'), 'adapter/adapter_config.json');
      const config = { ...(JSON.parse(readFileSync(path, 'utf8')) as object), ...change };
      writeFileSync(join(folder, 'adapter_config.json'), JSON.stringify(config));
    };
    edit({ target_modules: ['q_proj'] });
    await expect(openAdapter(folder, architecture)).rejects.toThrow(
      /v_proj\.lora_A\.weight, which the model has no place/,
    );
    edit({ r: 3 });
    await expect(openAdapter(folder, architecture)).rejects.toThrow(
      /lora_A\.weight as 2 × 24; its configuration asks for 3 × 24/,
    );
    edit({ use_dora: true });
    await expect(openAdapter(folder, architecture)).rejects.toThrow(/use_dora/);
  });
});

function widthOf(name: string): number {
  const config = JSON.parse(readFileSync(join(fixtureFolder(name), 'config.json'), 'utf8')) as Record<string, number>;
  return config['hidden_size'] ?? config['n_embd'];
}
