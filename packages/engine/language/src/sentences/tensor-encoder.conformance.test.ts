import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTensorBackend, tf } from '@tandem-rec/compute';
import { modelFolder, requireOrSkip } from '@tandem-rec/testing';
import { describe, expect, it } from 'vitest';
import { fixtureFolder, expectClose } from '../../test/fixtures.ts';
import { onEveryBackend } from '../../test/tensor-backends.ts';
import { MiniLmEncoder } from './mini-lm-encoder.ts';
import { TensorEncoder } from './tensor-encoder.ts';

const minilm = requireOrSkip('models', 'all-MiniLM-L6-v2');

onEveryBackend('TensorEncoder', (backend) => {
  it.skipIf(!minilm.available)('gives the vectors that MiniLmEncoder gives, in any company', async () => {
    const before = tf.memory().numTensors;
    const open = await openTensorBackend({ prefer: backend });
    const encoder = await TensorEncoder.open(modelFolder('all-MiniLM-L6-v2'), open);
    const plain = await MiniLmEncoder.open(modelFolder('all-MiniLM-L6-v2'));
    const texts = [
      'Toy Story (1995)',
      '',
      'A Bug’s Life (1998). Animation, Comedy',
      'word '.repeat(40),
      'Heat',
      '🙂 \ud800',
    ];
    expectClose(await encoder.encode(texts), await plain.encode(texts), 1e-5);
    const [alone, crowd] = [await encoder.encode(['Heat']), await encoder.encode(texts)];
    expectClose(crowd.subarray(4 * encoder.dim, 5 * encoder.dim), alone, 1e-6);
    expect(encoder.id).not.toBe(plain.id);
    await expect(encoder.encode(texts, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
    encoder.close();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('pooling', () => {
  it('is the one that the folder asks for, in both encoders', async () => {
    const open = await openTensorBackend({ prefer: 'cpu' });
    const folder = mkdtempSync(join(tmpdir(), 'tandem-pooling-'));
    cpSync(fixtureFolder('bert'), folder, { recursive: true });
    const vectors = async (): Promise<readonly Float32Array[]> =>
      Promise.all(
        [await TensorEncoder.open(folder, open), await MiniLmEncoder.open(folder)].map((encoder) =>
          encoder.encode(['d h b']),
        ),
      );
    const pooling = (json: object): void => {
      mkdirSync(join(folder, '1_Pooling'), { recursive: true });
      writeFileSync(join(folder, '1_Pooling/config.json'), JSON.stringify(json));
    };
    const mean = await vectors();
    expectClose(mean[0], mean[1]);
    pooling({ pooling_mode_mean_tokens: true, pooling_mode_cls_token: false });
    expect(await vectors()).toEqual(mean);
    pooling({ pooling_mode_cls_token: true });
    const first = await vectors();
    expectClose(first[0], first[1]);
    expect(first[1]).not.toEqual(mean[1]);
    pooling({ pooling_mode_max_tokens: true });
    await expect(vectors()).rejects.toMatchObject({ code: 'TANDEM_MODEL_WEIGHTS_INVALID' });
  });
});
