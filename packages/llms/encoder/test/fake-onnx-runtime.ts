import { tf } from '@tandem-rec/compute';
import type { OnnxRuntime, OnnxSession, OnnxTensor, TransformerModel } from '@tandem-rec/language';

/** What a fake session was asked. */
export interface Asked {
  readonly options: unknown;
  released: number;
  /** Sizes of the rectangles it ran. */
  readonly runs: (readonly number[])[];
}

/** A runtime in which a graph is `model`, read the hard way: from the tensors that are fed, padding told by the mask alone. */
export function fakeOnnxRuntime(
  model: TransformerModel,
  names = ['input_ids', 'attention_mask', 'token_type_ids'],
): { readonly runtime: OnnxRuntime; readonly asked: Asked[] } {
  const asked: Asked[] = [];
  class Tensor implements OnnxTensor {
    readonly data: BigInt64Array;
    readonly dims: readonly number[];
    constructor(type: string, data: BigInt64Array, dims: readonly number[]) {
      if (type !== 'int64' || data.length !== dims[0] * dims[1]) throw new Error(`${type} ${dims.join()}`);
      this.data = data;
      this.dims = dims;
    }
  }
  const create = async (_path: string, options: unknown): Promise<OnnxSession> => {
    const log: Asked = { options, released: 0, runs: [] };
    asked.push(log);
    return {
      inputNames: names,
      outputNames: ['last_hidden_state', 'pooler_output'],
      run: async (feeds) => {
        const [ids, mask, types] = names.map((name) => feeds[name] as Tensor | undefined);
        const [size, length] = ids!.dims;
        log.runs.push([size, length]);
        if (types?.data.some((type) => type !== 0n)) throw new Error('token types');
        const lengths = Int32Array.from({ length: size }, (_, b) =>
          Number(mask!.data.subarray(b * length, (b + 1) * length).reduce((sum, one) => sum + one, 0n)),
        );
        const data = tf.tidy(() =>
          model
            .states({ ids: Int32Array.from(ids!.data, Number), size, length }, { lengths })
            .dataSync<'float32'>()
            .slice(),
        );
        return {
          pooler_output: { dims: [size, model.width], data: new Float32Array(size * model.width) },
          last_hidden_state: { dims: [size, length, model.width], data },
        };
      },
      release: async () => {
        log.released++;
      },
    };
  };
  return { runtime: { Tensor, InferenceSession: { create } }, asked };
}
