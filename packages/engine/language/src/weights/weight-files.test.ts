import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTensorBackend, tf } from '@tandem-rec/compute';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { fixtureFolder } from '../../test/fixtures.ts';
import { TransformerModel } from '../transformer/transformer-model.ts';
import { Safetensors } from './safetensors.ts';
import { WeightFiles } from './weight-files.ts';
import { writeSafetensors, type NamedTensor } from './write-safetensors.ts';

const temporary = (): string => mkdtempSync(join(tmpdir(), 'tandem-weights-'));

/** A copy of a tiny model that may be spoilt. */
async function copyOf(name: string): Promise<string> {
  const folder = temporary();
  await cp(fixtureFolder(name), folder, { recursive: true });
  return folder;
}

/** Rewrites a file of the folder as JSON. */
function change(folder: string, name: string, edit: (json: Record<string, unknown>) => object): void {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(edit(JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>)));
}

/** The model of the folder in two files and an index. */
async function shard(folder: string): Promise<void> {
  const whole = join(folder, 'model.safetensors');
  const file = await Safetensors.open(whole);
  const map: Record<string, string> = {};
  const shards: NamedTensor[][] = [[], []];
  for (const [i, name] of file.names.entries()) {
    const shape = file.shape(name)!;
    shards[i % 2].push({ name, shape, data: await file.read(name, shape) });
    map[name] = `model-0000${1 + (i % 2)}-of-00002.safetensors`;
  }
  await file.close();
  for (const [i, tensors] of shards.entries())
    await writeSafetensors(join(folder, `model-0000${i + 1}-of-00002.safetensors`), tensors);
  writeFileSync(join(folder, 'model.safetensors.index.json'), JSON.stringify({ metadata: {}, weight_map: map }));
  rmSync(whole);
}

describe('writeSafetensors', () => {
  it('writes what is read again', async () => {
    const folder = temporary();
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(
          fc.tuple(fc.string({ minLength: 1 }), fc.float32Array({ noNaN: true, noDefaultInfinity: true })),
          {
            selector: ([name]) => name,
          },
        ),
        async (entries) => {
          const tensors = entries
            .filter(([name]) => name !== '__metadata__' && name !== '__proto__')
            .map(([name, data]) => ({ name, shape: [1, data.length], data }));
          const path = join(folder, 'x.safetensors');
          await writeSafetensors(path, tensors);
          const file = await Safetensors.open(path);
          for (const { name, shape, data } of tensors) expect(await file.read(name, shape)).toEqual(data);
          await file.close();
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('a model’s folder', () => {
  beforeAll(async () => {
    await openTensorBackend({ prefer: 'cpu' });
  });

  it('may hold its weights in several files', async () => {
    const folder = await copyOf('llama');
    const states = async (): Promise<Float32Array> => {
      const model = await TransformerModel.open(folder);
      const found = tf.tidy(() =>
        model
          .states({ ids: Int32Array.of(1, 2), size: 1, length: 2 })
          .dataSync<'float32'>()
          .slice(),
      );
      model.dispose();
      return found;
    };
    const whole = await states();
    await shard(folder);
    expect(await states()).toEqual(whole);
    const files = await WeightFiles.open(folder);
    expect(files.paths.length).toBe(2);
    await files.close();
  });

  it('may leave out or add the prefix of its names', async () => {
    for (const [name, edit] of [
      ['gpt2', (tensor: string) => tensor.replace('transformer.', '')],
      ['bert', (tensor: string) => `bert.${tensor}`],
    ] as const) {
      const folder = await copyOf(name);
      const path = join(folder, 'model.safetensors');
      const file = await Safetensors.open(path);
      const tensors: NamedTensor[] = [];
      for (const tensor of file.names) {
        const shape = file.shape(tensor)!;
        tensors.push({ name: edit(tensor), shape, data: await file.read(tensor, shape) });
      }
      await file.close();
      await writeSafetensors(path, tensors);
      const model = await TransformerModel.open(folder);
      model.dispose();
    }
  });

  it.each<[string, string, (folder: string) => unknown, string, RegExp]>([
    ['no weights', 'llama', (f) => rmSync(join(f, 'model.safetensors')), 'MISSING', /model\.safetensors/],
    ['no configuration', 'llama', (f) => rmSync(join(f, 'config.json')), 'MISSING', /config\.json/],
    ['no tokenizer', 'llama', (f) => rmSync(join(f, 'tokenizer.json')), 'MISSING', /tokenizer\.json/],
    [
      'weights that were cut off',
      'llama',
      (f) => truncateSync(join(f, 'model.safetensors'), 9000),
      'INVALID',
      /model\.safetensors is too short: [\w.]+ ends at byte \d+, the file at 9000/,
    ],
    [
      'a wider configuration',
      'bert',
      (f) => change(f, 'config.json', (json) => ({ ...json, intermediate_size: 21 })),
      'INVALID',
      /model\.safetensors has encoder\.layer\.0\.intermediate\.dense\.weight as 20 × 12; its configuration asks for 21 × 12/,
    ],
    [
      'a deeper configuration',
      'gpt2',
      (f) => change(f, 'config.json', (json) => ({ ...json, n_layer: 3 })),
      'INVALID',
      /model\.safetensors has no tensor transformer\.h\.2/,
    ],
    [
      'an unknown architecture',
      'llama',
      (f) => change(f, 'config.json', (json) => ({ ...json, model_type: 'mamba' })),
      'INVALID',
      /config\.json describes a model of type mamba; there are: bert, gpt2, gpt_neox, llama/,
    ],
    [
      'an option that is not implemented',
      'llama',
      (f) =>
        change(f, 'config.json', (json) => ({
          ...json,
          rope_parameters: { rope_type: 'yarn', rope_theta: 1, factor: 2 },
        })),
      'INVALID',
      /config\.json cannot be used[^]*rope_type/,
    ],
    [
      'a configuration that is not JSON',
      'llama',
      (f) => writeFileSync(join(f, 'config.json'), '{'),
      'INVALID',
      /not JSON/,
    ],
    [
      'the tokenizer of a larger model',
      'llama',
      (f) =>
        change(f, 'tokenizer.json', (json) => ({
          ...json,
          model: {
            type: 'WordLevel',
            vocab: Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`a${i}`, i])),
            unk_token: 'a0',
          },
        })),
      'INVALID',
      /tokenizer\.json belongs to another model than config\.json: it has 21 tokens, the model 20/,
    ],
    [
      'the tokenizer of a model with another beginning',
      'llama',
      (f) => change(f, 'tokenizer_config.json', (json) => ({ ...json, bos_token: 'c' })),
      'INVALID',
      /a text begins with token 2, for the model with 1/,
    ],
    [
      'a tokenizer that is none',
      'llama',
      (f) => writeFileSync(join(f, 'tokenizer.json'), '{}'),
      'INVALID',
      /tokenizer\.json/,
    ],
    [
      'a shard that is missing',
      'llama',
      async (f) => (await shard(f), rmSync(join(f, 'model-00002-of-00002.safetensors'))),
      'MISSING',
      /model-00002-of-00002/,
    ],
    [
      'an index that is wrong',
      'llama',
      async (f) => {
        await shard(f);
        change(f, 'model.safetensors.index.json', (json) => ({
          ...json,
          weight_map: { ...(json['weight_map'] as object), 'model.norm.bias': 'model-00001-of-00002.safetensors' },
        }));
      },
      'INVALID',
      /says that model-00001-of-00002\.safetensors has the tensor model\.norm\.bias; it does not/,
    ],
    [
      'an index that leads out of the folder',
      'llama',
      async (f) => {
        await shard(f);
        change(f, 'model.safetensors.index.json', () => ({ weight_map: { a: '../x.safetensors' } }));
      },
      'INVALID',
      /index\.json cannot be used/,
    ],
  ])('with %s is refused and leaves nothing behind', async (_, name, spoil, kind, message) => {
    const folder = await copyOf(name);
    await spoil(folder);
    const before = tf.memory().numTensors;
    await expect(TransformerModel.open(folder)).rejects.toMatchObject({
      code: `TANDEM_MODEL_WEIGHTS_${kind}`,
      message: expect.stringMatching(message) as string,
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});
