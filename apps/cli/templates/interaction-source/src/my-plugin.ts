import { readFile } from 'node:fs/promises';
import {
  defineInteractionSource,
  TandemError,
  z,
  type InteractionSource,
  type Lag,
  type PollResult,
  type Positions,
} from '@tandem-rec/contract';

/**
 * Reads a file with one record a line, to its end. A record is JSON in Tandem's form:
 * `{ "user": "ada", "item": "toy-story", "at": 1700000000000, "value": 5 }`.
 *
 * @example
 * defineConfig({ source: myPlugin({ file: 'events.jsonl' }), … })
 */
export const myPlugin = defineInteractionSource({
  id: 'my-plugin#myPlugin',
  summary: 'A file with one record a line.',
  options: z.strictObject({
    file: z.string().min(1).describe('The file, relative to the configuration.'),
  }),
  create: ({ file }, { resolvePath }) => new MyPluginSource(resolvePath(file)),
});

class MyPluginSource implements InteractionSource {
  readonly #path: string;
  #lines: readonly string[] = [];
  #next = 0;

  constructor(path: string) {
    this.#path = path;
  }

  async open(positions: Positions, signal?: AbortSignal): Promise<Positions> {
    // A source that may be away waits here, until the signal aborts.
    signal?.throwIfAborted();
    const text = await readFile(this.#path, 'utf8').catch((cause: Error) => {
      throw new TandemError('TANDEM_SOURCE_UNREADABLE', cause.message, { cause });
    });
    this.#lines = text.split('\n').filter((line) => line !== '');
    // One partition, 0; the offset of a record is its line. The checkpoint decides where to begin.
    this.#next = positions.get(0) ?? 0;
    if (this.#next > this.#lines.length) {
      throw new TandemError(
        'TANDEM_SOURCE_OFFSET_OUT_OF_RANGE',
        `${this.#path} has ${this.#lines.length} records, there is no position ${this.#next}.`,
      );
    }
    // Where it starts goes into the checkpoint, so that the next start goes on from here even if nothing was read.
    return new Map([[0, this.#next]]);
  }

  async poll(max: number, _timeoutMs: number, signal?: AbortSignal): Promise<PollResult> {
    if (signal?.aborted) return { records: [], ended: false };
    const from = this.#next;
    const records = this.#lines
      .slice(from, from + max)
      .map((value, at) => ({ partition: 0, offset: from + at, value }));
    this.#next += records.length;
    return { records, ended: this.#next === this.#lines.length };
  }

  async lag(): Promise<Lag> {
    return { records: this.#lines.length - this.#next };
  }

  async close(): Promise<void> {}
}
