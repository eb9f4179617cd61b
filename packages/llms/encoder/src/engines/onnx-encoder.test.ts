import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTensorBackend, type TensorBackend } from '@tandem-rec/compute';
import {
  MiniLmEncoder,
  OnnxEncoder,
  onnxFile,
  readTextModel,
  TransformerModel,
  type OnnxRuntime,
} from '@tandem-rec/language';
import { testEnvironment } from '@tandem-rec/testkit';
import { modelFolder, requireOrSkip } from '@tandem-rec/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeOnnxRuntime } from '../../test/fake-onnx-runtime.ts';
import { tinyBert } from '../../test/tiny-bert.ts';
import { importOnnxRuntime } from './import-onnx-runtime.ts';
import { openSentenceEncoder } from './open-sentence-encoder.ts';

const texts = ['a b', '', 'c d e f g h a b c', 'd', 'a b c d e f g h a b c d e f g h a b', 'h \ud800'];

/** A copy of the tiny model with a file where an export would lie. */
function withExport(at = 'onnx/model.onnx', bytes = 'any bytes'): string {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-onnx-'));
  cpSync(tinyBert, folder, { recursive: true });
  mkdirSync(join(folder, 'onnx'));
  writeFileSync(join(folder, at), bytes);
  return folder;
}

const far = (a: Float32Array, b: Float32Array): number =>
  a.length === b.length ? a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0) : Infinity;
const missing = async (): Promise<OnnxRuntime> => importOnnxRuntime('a-package-that-nobody-has');

describe('OnnxEncoder', () => {
  let model: TransformerModel;
  let backend: TensorBackend;
  beforeAll(async () => {
    backend = await openTensorBackend({ prefer: 'cpu' });
    model = await TransformerModel.open(tinyBert);
  });
  afterAll(() => model.dispose());

  it.each([[['input_ids', 'attention_mask', 'token_type_ids']], [['ids', 'mask']]])(
    'gives the vectors of the model behind a graph with the inputs %j',
    async (names) => {
      const { runtime, asked } = fakeOnnxRuntime(model, names);
      const encoder = await OnnxEncoder.open(await readTextModel(withExport()), runtime, 3);
      const plain = await MiniLmEncoder.open(tinyBert);
      expect(encoder.dim).toBe(plain.dim);
      expect(far(await encoder.encode(texts), await plain.encode(texts))).toBeLessThan(1e-5);
      expect(asked[0].options).toMatchObject({ intraOpNumThreads: 3, interOpNumThreads: 1 });
      expect(await encoder.encode([])).toEqual(new Float32Array(0));
      await encoder.close();
      expect(asked[0].released).toBe(1);
    },
  );

  it('runs kindred lengths together', async () => {
    const { runtime, asked } = fakeOnnxRuntime(model);
    const encoder = await OnnxEncoder.open(await readTextModel(withExport('model.onnx')), runtime, 1);
    await encoder.encode(Array.from({ length: 400 }, (_, i) => (i % 2 ? 'a' : 'a b c d e f g h')));
    for (const [size, length] of asked[0].runs) expect(size * length).toBeLessThanOrEqual(1024);
    expect(asked[0].runs[0]).toEqual([200, 1]);
    await expect(encoder.encode(texts, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });

  it('is named by the content of the export', async () => {
    const idOf = async (folder: string): Promise<string> =>
      (await OnnxEncoder.open(await readTextModel(folder), fakeOnnxRuntime(model).runtime, 1)).id;
    expect(await idOf(withExport())).toBe(await idOf(withExport('model.onnx')));
    expect(await idOf(withExport('model.onnx', 'other bytes'))).not.toBe(await idOf(withExport()));
  });

  it('refuses a graph that is something else, and lets it go', async () => {
    const invalid = { code: 'TANDEM_MODEL_WEIGHTS_INVALID', message: expect.stringContaining('model.onnx') };
    const { runtime, asked } = fakeOnnxRuntime(model, ['pixel_values']);
    const text = await readTextModel(withExport());
    await expect(OnnxEncoder.open(text, runtime, 1)).rejects.toMatchObject(invalid);
    expect(asked[0].released).toBe(1);
    const wide = await OnnxEncoder.open({ ...text, width: 13 }, fakeOnnxRuntime(model).runtime, 1);
    await expect(wide.encode(['a'])).rejects.toMatchObject(invalid);
    const broken = {
      ...runtime,
      InferenceSession: { create: () => Promise.reject(new Error('Protobuf parsing failed')) },
    };
    await expect(OnnxEncoder.open(text, broken, 1)).rejects.toMatchObject({
      ...invalid,
      message: expect.stringContaining('Protobuf parsing failed'),
    });
  });

  describe('as an engine', () => {
    const open = async (engine: 'auto' | 'onnxruntime' | 'plain' | 'tensor', folder: string, load = missing) =>
      openSentenceEncoder(await readTextModel(folder), { engine }, testEnvironment(), load);
    const present = async (): Promise<OnnxRuntime> => fakeOnnxRuntime(model).runtime;

    it('is chosen by itself where package and export are there, and else the tensor backend', async () => {
      for (const [folder, load, engine] of [
        [withExport(), present, 'onnxruntime'],
        [withExport(), missing, 'tensor'],
        [tinyBert, present, 'tensor'],
      ] as const) {
        const opened = await open('auto', folder, load);
        expect(opened.engine).toBe(engine);
        await opened.close();
      }
      expect(backend.name).toBe('cpu');
    });

    it('asked for by name says what is missing', async () => {
      await expect(open('onnxruntime', withExport())).rejects.toMatchObject({
        code: 'TANDEM_MODEL_RUNTIME_MISSING',
        remedy: expect.stringContaining('npm install onnxruntime-node --ignore-scripts'),
      });
      await expect(open('onnxruntime', tinyBert, present)).rejects.toMatchObject({
        code: 'TANDEM_MODEL_WEIGHTS_MISSING',
        message: expect.stringContaining('onnx/model.onnx'),
      });
      expect(onnxFile(tinyBert)).toBeUndefined();
    });

    it('refuses weights that are missing and the tokenizer of another model, whoever should run it', async () => {
      const folder = withExport();
      const path = join(folder, 'tokenizer.json');
      const file = JSON.parse(readFileSync(path, 'utf8')) as { model: { vocab: Record<string, number> } };
      file.model.vocab['stranger'] = 4000;
      writeFileSync(path, JSON.stringify(file));
      await expect(readTextModel(folder)).rejects.toMatchObject({
        code: 'TANDEM_MODEL_WEIGHTS_INVALID',
        message: expect.stringContaining('tokenizer.json'),
      });
      const bare = withExport();
      rmSync(join(bare, 'model.safetensors'));
      for (const engine of ['plain', 'tensor'] as const)
        await expect(open(engine, bare)).rejects.toMatchObject({ code: 'TANDEM_MODEL_WEIGHTS_MISSING' });
    });
  });

  const weights = requireOrSkip('models', 'all-MiniLM-L6-v2');
  it('runs a real export where there is one', async ({ skip }) => {
    skip(!weights.available, weights.reason);
    const folder = modelFolder('all-MiniLM-L6-v2');
    skip(onnxFile(folder) === undefined, 'all-MiniLM-L6-v2 has no ONNX export here');
    const runtime = await importOnnxRuntime().catch(() => undefined);
    skip(!runtime, 'onnxruntime-node is not installed');
    const encoder = await OnnxEncoder.open(await readTextModel(folder), runtime!, 1);
    const plain = await MiniLmEncoder.open(folder);
    expect(far(await encoder.encode(texts), await plain.encode(texts))).toBeLessThan(1e-4);
    await encoder.close();
  });
});
