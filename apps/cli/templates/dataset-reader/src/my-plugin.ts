import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import {
  defineDatasetReader,
  TandemError,
  z,
  type CatalogueItem,
  type DatasetReader,
  type Interaction,
  type RowError,
} from '@tandem-rec/contract';

/**
 * Reads a file of lines `user item seconds`, separated by blanks; seconds since 1970.
 *
 * @example
 * defineConfig({ dataset: myPlugin({ file: 'clicks.txt' }), … })
 */
export const myPlugin = defineDatasetReader({
  id: 'my-plugin#myPlugin',
  summary: 'Lines of user, item and time.',
  options: z.strictObject({
    file: z.string().min(1).describe('The file, relative to the configuration.'),
    kind: z.string().min(1).default('click').describe('What happened.'),
  }),
  create: ({ file, kind }, { resolvePath }) => new MyPluginReader(resolvePath(file), kind),
});

class MyPluginReader implements DatasetReader {
  readonly name = 'my-plugin';
  readonly chronology = 'time';
  readonly #path: string;
  readonly #kind: string;

  constructor(path: string, kind: string) {
    this.#path = path;
    this.#kind = kind;
  }

  async *interactions(onError: (error: RowError) => void): AsyncIterable<Interaction> {
    await access(this.#path).catch((cause: Error) => {
      throw new TandemError('TANDEM_DATASET_MISSING', cause.message, { cause });
    });
    let line = 0;
    for await (const text of createInterface({ input: createReadStream(this.#path), crlfDelay: Infinity })) {
      line++;
      const [user, item, seconds, ...rest] = text.trim().split(/\s+/);
      const atMs = Number(seconds) * 1000;
      // A row that cannot be read is counted and shown, never guessed at.
      if (rest.length > 0 || !Number.isFinite(atMs))
        onError({ file: this.#path, line, reason: 'expected: user item seconds' });
      else yield { user, item, atMs, kind: this.#kind, value: 1 };
    }
  }

  async *items(): AsyncIterable<CatalogueItem> {}
}
