import { open, rename } from 'node:fs/promises';

/** A tensor to be written, row-major. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Writes a safetensors file of float32 tensors: whole or, where the process ends before, not at all. */
export async function writeSafetensors(path: string, tensors: readonly NamedTensor[]): Promise<void> {
  let end = 0;
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  for (const { name, shape, data } of tensors)
    header[name] = { dtype: 'F32', shape, data_offsets: [end, (end += data.byteLength)] };
  // Readers may map the file: the numbers begin at a multiple of eight.
  const json = Buffer.from(JSON.stringify(header));
  const padded = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, ' ');
  padded.writeBigUInt64LE(BigInt(padded.length - 8));
  json.copy(padded, 8);
  const partial = `${path}.partial`;
  const file = await open(partial, 'w');
  try {
    await file.writeFile(padded);
    for (const { data } of tensors) await file.writeFile(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(partial, path);
}
