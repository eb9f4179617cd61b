import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TandemError, z } from '@tandem-rec/contract';
import { readModelJson } from './model-json.ts';
import { Safetensors } from './safetensors.ts';

const INDEX = 'model.safetensors.index.json';
/** A shard is a file of the same folder: no index leads elsewhere. */
const indexSchema = z.object({ weight_map: z.record(z.string(), z.string().regex(/^[\w-][\w.-]*\.safetensors$/)) });

/** The weights of a model's folder: `model.safetensors`, or the shards that `model.safetensors.index.json` lists. */
export class WeightFiles {
  /** Every file, in the order of the index. */
  readonly paths: readonly string[];
  readonly #files: readonly Safetensors[];
  readonly #of: ReadonlyMap<string, Safetensors>;

  private constructor(paths: readonly string[], files: readonly Safetensors[], of: ReadonlyMap<string, Safetensors>) {
    this.paths = paths;
    this.#files = files;
    this.#of = of;
  }

  /** Throws `TANDEM_MODEL_WEIGHTS_MISSING` or `TANDEM_MODEL_WEIGHTS_INVALID`, naming the file. */
  static async open(folder: string): Promise<WeightFiles> {
    const whole = join(folder, 'model.safetensors');
    const map =
      existsSync(whole) || !existsSync(join(folder, INDEX))
        ? undefined
        : await readModelJson(folder, INDEX, indexSchema);
    const names = map ? [...new Set(Object.values(map.weight_map))] : ['model.safetensors'];
    const files = new Map<string, Safetensors>();
    try {
      for (const name of names) files.set(name, await Safetensors.open(join(folder, name)));
      const of = new Map<string, Safetensors>();
      if (!map) for (const tensor of files.get(names[0])!.names) of.set(tensor, files.get(names[0])!);
      for (const [tensor, name] of Object.entries(map?.weight_map ?? {})) {
        const file = files.get(name)!;
        if (!file.has(tensor))
          throw new TandemError(
            'TANDEM_MODEL_WEIGHTS_INVALID',
            `${join(folder, INDEX)} says that ${name} has the tensor ${tensor}; it does not.`,
            { details: { path: join(folder, name), tensor } },
          );
        of.set(tensor, file);
      }
      return new WeightFiles(
        names.map((name) => join(folder, name)),
        [...files.values()],
        of,
      );
    } catch (error) {
      for (const file of files.values()) await file.close();
      throw error;
    }
  }

  has(name: string): boolean {
    return this.#of.has(name);
  }

  /** As {@link Safetensors.read}. */
  read(name: string, shape: readonly number[]): Promise<Float32Array> {
    // A file that lacks it names itself in the error.
    return (this.#of.get(name) ?? this.#files[0]).read(name, shape);
  }

  async close(): Promise<void> {
    for (const file of this.#files) await file.close();
  }
}
