import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** Names weights by their content: of the configuration as it is used, the tokenizer and all weight files. */
export async function modelId(
  kind: string,
  folder: string,
  settings: unknown,
  weightFiles: readonly string[],
): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(settings));
  for (const path of [join(folder, 'tokenizer.json'), ...weightFiles])
    await pipeline(createReadStream(path), hash, { end: false });
  return `${kind}-${hash.digest('hex').slice(0, 16)}`;
}
