import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { bucketByLength, pooled, readPooling, TextTokenizer, tokenBatch } from '@tandem-rec/language';

/** Padded tokens of one run, as in our own encoders. */
const BATCH_TOKENS = 1024;
/** Where an export lies in a model's folder: as on the hub, or beside the configuration. */
const FILES = ['onnx/model.onnx', 'model.onnx'];

/** What is used of onnxruntime-node. */
interface Runtime {
  readonly env: { readonly versions: Readonly<Record<string, string>> };
  readonly Tensor: new (type: 'int64', data: BigInt64Array, dims: readonly number[]) => object;
  readonly InferenceSession: { create(path: string, options: object): Promise<Session> };
}
interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Readonly<Record<string, object>>): Promise<Readonly<Record<string, { readonly data: Float32Array }>>>;
}

/** The ONNX export of a model's folder, if there is one. */
export const onnxFile = (folder: string): string | undefined =>
  FILES.map((name) => join(folder, name)).find((path) => existsSync(path));

/** What onnxruntime makes of a model's export: the same tokens, batches and pooling as ours. */
export async function onnxEncoder(
  folder: string,
  installed: string,
): Promise<{ readonly identity: string; readonly encode: (texts: readonly string[]) => Promise<Float32Array> }> {
  const runtime = createRequire(join(installed, 'package.json'))('onnxruntime-node') as Runtime;
  const session = await runtime.InferenceSession.create(onnxFile(folder)!, {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  const pooling = await readPooling(folder);
  const tokenizer = await TextTokenizer.open(folder, 512);
  const encode = async (texts: readonly string[]): Promise<Float32Array> => {
    const tokens = texts.map((text) => tokenizer.encode(text));
    const vectors: Float32Array[] = [];
    for (const bucket of bucketByLength(
      tokens.map(({ length }) => length),
      BATCH_TOKENS,
    )) {
      const { size, length, ids, lengths } = tokenBatch(
        bucket.map((i) => tokens[i]),
        tokenizer.padId,
      );
      const feed = (at: (place: number) => number): object =>
        new runtime.Tensor(
          'int64',
          BigInt64Array.from(ids, (_, place) => BigInt(at(place))),
          [size, length],
        );
      const feeds = session.inputNames.map((name) => {
        if (/mask/i.test(name)) return [name, feed((at) => Number(at % length < lengths[Math.floor(at / length)]))];
        return [name, feed(/type/i.test(name) ? () => 0 : (at) => ids[at])];
      });
      const { data } = (await session.run(Object.fromEntries(feeds)))[session.outputNames[0]];
      const width = data.length / (size * length);
      for (const [b, i] of bucket.entries())
        vectors[i] = pooled(data.subarray(b * length * width, (b * length + lengths[b]) * width), width, pooling);
    }
    const all = new Float32Array(vectors.length * vectors[0].length);
    for (const [i, vector] of vectors.entries()) all.set(vector, i * vector.length);
    return all;
  };
  return { identity: `onnxruntime-node ${runtime.env.versions['node']}`, encode };
}
