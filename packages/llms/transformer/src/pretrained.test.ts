import { cpSync, mkdtempSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findNativeTensorFlow, openTensorBackend, tf } from '@tandem-rec/compute';
import type { Candidates, LanguageModel, State } from '@tandem-rec/contract';
import { openAdapter, readArchitecture } from '@tandem-rec/language';
import { modelFolder, requireOrSkip } from '@tandem-rec/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { tinyModel } from '../test/fixture-models.ts';
import { environment, World } from '../test/world.ts';
import { transformer } from './transformer.ts';

const { definition } = transformer;
type Options = NonNullable<Parameters<typeof transformer>[0]>;

const native = requireOrSkip('native-tensorflow', findNativeTensorFlow());
const minilm = requireOrSkip('models', 'all-MiniLM-L6-v2');
const stories = requireOrSkip('models', 'stories260K');

const small = { encoder: 'subwords', dim: 16, hidden: 32, features: 24, buckets: 512, window: 10 } as const;

const create = async (body: Options['body'], env = environment()): Promise<LanguageModel> =>
  definition.create(definition.options.parse({ ...small, body }), env);

async function inWorld(
  body: Options['body'],
  world = new World(10, 40),
  env = environment(),
): Promise<readonly [LanguageModel, World]> {
  const model = await create(body, env);
  await model.attach(world.attachment());
  return [model, world];
}

const all = (world: World): Candidates => ({ kind: 'shared', items: Int32Array.from(world.items, (_, row) => row) });
const temporary = (): string => mkdtempSync(join(tmpdir(), 'tandem-body-'));

async function learn(model: LanguageModel, world: World, steps: number): Promise<void> {
  for (let step = 0; step < steps; step++) {
    const batch = world.batch(8, 8);
    await model.learn!(batch, []);
    world.count(batch);
  }
}

const copy = (state: State): State => structuredClone({ ...state });

describe('a pretrained body', () => {
  beforeAll(() => openTensorBackend({ prefer: 'wasm' }));

  it('has a state of what was trained alone, for the same weights only', async () => {
    const [model, world] = await inWorld({ model: tinyModel('bert'), lora: { rank: 2 } });
    await learn(model, world, 3);
    const state = copy(await model.save());
    const body = state.arrays.map(({ name }) => name).filter((name) => name.startsWith('body/'));
    expect(body.some((name) => name.includes('lora_A'))).toBe(true);
    expect(body.filter((name) => /word_embeddings|dense\.weight$/.test(name))).toEqual([]);
    const other = await create({ model: tinyModel('gpt2'), lora: { rank: 2 } });
    expect(() => void other.load(state)).toThrow(/was trained over the body weights-\w+; here is weights-\w+/);
    const none = await definition.create(definition.options.parse(small), environment());
    await none.attach(world.attachment());
    await expect((async () => none.load(state))()).rejects.toMatchObject({ code: 'TANDEM_STATE_MISMATCH' });
    for (const each of [model, other, none]) await each.close?.();
  });

  it('saves its adapter alone, in peft’s layout, with each checkpoint and at the end, and begins with one', async () => {
    const folder = join(temporary(), 'adapter');
    const [model, world] = await inWorld({
      ...{ model: tinyModel('bert'), layers: 1, lora: { rank: 2 }, learningRate: 0.05 },
      saveAdapter: folder,
    });
    await learn(model, world, 2);
    await model.save();
    const first = readFileSync(join(folder, 'adapter_model.safetensors'));
    await learn(model, world, 2);
    const scores = (await model.predict(world.batch(2), all(world))).length;
    expect(scores).toBe(2 * 40);
    await model.close?.();
    expect(readFileSync(join(folder, 'adapter_model.safetensors')).equals(first)).toBe(false);
    const { lora } = await openAdapter(folder, await readArchitecture(tinyModel('bert')));
    expect(lora.layers.map(({ name }) => name)).toEqual([
      'encoder.layer.0.attention.self.query',
      'encoder.layer.0.attention.self.value',
    ]);
    const [next] = await inWorld({ model: tinyModel('bert'), train: 'frozen', adapter: folder }, world);
    const before = copy(await next.save()).arrays.filter(({ name }) => name.includes('lora'));
    expect(before.some(({ data }) => data.some((value) => value !== 0))).toBe(true);
    await learn(next, world, 2);
    const values = (state: State): unknown =>
      state.arrays.filter(({ name }) => /lora_[AB]\.weight$/.test(name)).map(({ data }) => [...data].map(Number));
    expect(values(await next.save())).toEqual(values({ version: 1, arrays: before, values: {} }));
    await next.close?.();
  });

  it('keeps no tensors but the model’s, and frees those', async () => {
    const empty = tf.memory().numTensors;
    const [model, world] = await inWorld({ model: tinyModel('llama'), train: 'full', tokens: 12 });
    await learn(model, world, 2);
    const before = tf.memory().numTensors;
    await learn(model, world, 3);
    await model.predict(world.batch(4), all(world));
    expect(tf.memory().numTensors).toBe(before);
    await model.close?.();
    expect(tf.memory().numTensors).toBe(empty);
  });

  it('reads titles as words, whatever they are: very long, empty, with special tokens or broken characters', async () => {
    for (const name of ['gpt2', ...(stories.available ? ['stories260K'] : [])]) {
      const path = name === 'gpt2' ? tinyModel(name) : modelFolder(name);
      const [model, world] = await inWorld({ model: path, reads: 'prompt', layers: 1, prompt: { titleTokens: 6 } });
      const scores = async (title: string): Promise<Float32Array> => {
        world.rename(0, title);
        const users = {
          ...{ size: 1, users: Int32Array.of(0), positions: Int32Array.of(2), atMs: new Float64Array(1) },
          history: { offsets: Int32Array.of(0, 2), items: Int32Array.of(0, 1) },
        };
        return (await model.predict(users, { kind: 'shared', items: Int32Array.of(5, 6, 7) })).slice();
      };
      const titles = ['a b c', 'x'.repeat(100_000), '', '</s><s>[SEP]', '\ud83d\ude00 \ud83d', '\u0000\u202e c'];
      for (const title of titles)
        for (const score of await scores(title)) expect(Number.isFinite(score), title.slice(0, 20)).toBe(true);
      expect(await scores('h h h')).not.toEqual(await scores('a b c'));
      await model.close?.();
    }
  });

  it('is opened whole or not at all, and says what is wrong with it', async () => {
    const damaged = (change: (folder: string) => void): string => {
      const folder = temporary();
      cpSync(tinyModel('bert'), folder, { recursive: true });
      change(folder);
      return folder;
    };
    const [INVALID, MISSING, WRONG] = [
      'TANDEM_MODEL_WEIGHTS_INVALID',
      'TANDEM_MODEL_WEIGHTS_MISSING',
      'TANDEM_CONFIG_WRONG_VALUE',
    ];
    const before = tf.memory().numTensors;
    const cases: readonly (readonly [NonNullable<Options['body']>, string, RegExp])[] = [
      [{ model: './nowhere' }, MISSING, /no config\.json/],
      [{ model: damaged((f) => truncateSync(join(f, 'model.safetensors'), 9000)) }, INVALID, /model\.safetensors/],
      [
        {
          model: damaged((f) =>
            writeFileSync(
              join(f, 'tokenizer.json'),
              readFileSync(join(f, 'tokenizer.json'), 'utf8').replace('"t": 19', '"t": 99'),
            ),
          ),
        },
        INVALID,
        /tokenizer\.json belongs to another model/,
      ],
      [{ model: tinyModel('bert'), layers: 3 }, WRONG, /`body\.layers` is 3, and .* has 2/],
      [{ model: tinyModel('bert'), lora: { targets: ['q_proj'] } }, WRONG, /`body\.lora\.targets`.*query/],
      [{ model: tinyModel('bert'), text: {} }, WRONG, /is an encoder/],
      [{ model: tinyModel('bert'), adapter: tinyModel('gpt2') + '/adapter' }, INVALID, /adapter/],
    ];
    for (const [body, code, message] of cases) {
      const opened = create(body);
      await expect(opened, JSON.stringify(body)).rejects.toMatchObject({ code });
      await expect(opened).rejects.toThrow(message);
    }
    const wide = definition.options.parse({ ...small, window: 17, body: { model: tinyModel('bert') } });
    await expect(definition.create(wide, environment())).rejects.toMatchObject({ code: WRONG });
    expect(() => definition.options.parse({ body: { model: 'x', train: 'full', saveAdapter: 'y' } })).toThrow(
      /adapter/,
    );
    expect(tf.memory().numTensors).toBe(before);
  });

  describe.skipIf(!stories.available)('that writes', () => {
    const body = { model: modelFolder('stories260K'), train: 'frozen', layers: 1 } as const;

    it('chooses among the items that were not met, by their titles, and says the same when asked again', async () => {
      const [model, world] = await inWorld({ ...body, text: { maxTokens: 8, temperature: 1 } });
      world.rename(3, 'Lily" and </s> the end');
      const subject = { side: 'user', row: 0, history: Int32Array.of(1, 3, 2) } as const;
      const text = await model.describe!(subject);
      const titles = world.items.map(({ text: { title } }) => JSON.stringify(title));
      const chosen = titles.findIndex((title) => text.startsWith(`They will also like ${title} because`));
      expect(chosen).toBeGreaterThanOrEqual(0);
      expect([1, 2, 3]).not.toContain(chosen);
      expect(await model.describe!(subject)).toBe(text);
      // With all but one met, that one is left.
      const rest = Int32Array.from({ length: 39 }, (_, i) => (i < 17 ? i : i + 1));
      expect(await model.describe!({ ...subject, history: rest })).toContain(`like ${titles[17]} because`);
      expect(await model.describe!({ side: 'item', row: 3 })).toMatch(/^"Lily\\" and <\/s> the end" is/);
      await model.close?.();
    });

    it('weaves what others say into its prompts, and remembers it', async () => {
      const [model, world] = await inWorld({ ...body, text: { maxTokens: 12, temperature: 0 } });
      const about = { side: 'item', row: 4 } as const;
      const before = await model.describe!(about);
      const lesson = { from: 'domain', to: 'transformer', kind: 'text', side: 'item', weight: 1 } as const;
      const texts = ['Tim was sad and he did not want to play'];
      await model.learn!(world.batch(4), [{ ...lesson, rows: Int32Array.of(4), texts }]);
      const after = await model.describe!(about);
      expect(after).not.toBe(before);
      const [other] = await inWorld({ ...body, text: { maxTokens: 12, temperature: 0 } }, world);
      await other.load(copy(await model.save()));
      expect(await other.describe!(about)).toBe(after);
      for (const each of [model, other]) await each.close?.();
    });
  });

  describe.each(['wasm', 'native'] as const)('MiniLM on %s', (prefer) => {
    describe.skipIf(!minilm.available || (prefer === 'native' && !native.available))('that reads item tokens', () => {
      it('learns after a warm-up, and goes on after loading bit for bit', async () => {
        await openTensorBackend({ prefer });
        const body = {
          ...{ model: modelFolder('all-MiniLM-L6-v2'), layers: 1, lora: { rank: 4 }, warmUp: 32 },
          learningRate: 0.01,
        };
        const env = environment();
        const [model, world] = await inWorld(body, new World(10, 40), env);
        const again = world.batch(16);
        world.count(again);
        const losses: number[] = [];
        for (let step = 0; step < 10; step++) losses.push((await model.learn!(again, [])).losses['ranking']);
        // The first two steps are the small pooling's.
        expect(losses.at(-1)!).toBeLessThan(losses[2]);
        const restarted = environment();
        const [loaded] = await inWorld(body, world, restarted);
        await loaded.load(copy(await model.save()));
        restarted.rng.load(env.rng.save());
        for (const each of [model, loaded]) await each.learn!(again, []);
        const asked = world.batch(4);
        expect((await loaded.predict(asked, all(world))).slice()).toEqual(
          (await model.predict(asked, all(world))).slice(),
        );
        for (const each of [model, loaded]) await each.close?.();
      }, 60_000);
    });
  });
});
