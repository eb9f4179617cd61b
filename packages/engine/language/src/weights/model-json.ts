import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TandemError, z } from '@tandem-rec/contract';

/** A JSON file of a model's folder. Throws `TANDEM_MODEL_WEIGHTS_MISSING` or `TANDEM_MODEL_WEIGHTS_INVALID`, naming the file. */
export async function readModelJson<S extends z.ZodType>(
  folder: string,
  name: string,
  schema: S,
): Promise<z.output<S>> {
  const path = join(folder, name);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new TandemError('TANDEM_MODEL_WEIGHTS_MISSING', `There is no ${name} in ${folder}.`, {
      cause,
      details: { path },
    });
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new TandemError('TANDEM_MODEL_WEIGHTS_INVALID', `${path} is not JSON: ${(cause as Error).message}.`, {
      cause,
      details: { path },
    });
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success)
    throw new TandemError('TANDEM_MODEL_WEIGHTS_INVALID', `${path} cannot be used: ${z.prettifyError(parsed.error)}`, {
      details: { path },
    });
  return parsed.data;
}
