import type { Environment } from '@tandem-rec/contract';
import type { SentenceEncoder, TextTokenizer } from '@tandem-rec/language';
import { cutText } from './cut-text.ts';

const PROGRESS_MS = 5000;

/** How texts are read. */
export interface TextVectorsOptions {
  /** Texts at most of one call to the encoder; up to 256 of them `CachedEncoder` leaves it to us to say how far we are. */
  readonly batch: number;
  /** Default: the encoder's own limit. */
  readonly maxTokens?: number | undefined;
}

/**
 * Vectors of many texts at a time: what occurs twice is encoded once, kindred lengths go together, and long work says how far
 * it is.
 */
export class TextVectors {
  readonly #encoder: SentenceEncoder;
  readonly #tokenizer: TextTokenizer;
  readonly #options: TextVectorsOptions;
  readonly #env: Pick<Environment, 'log' | 'clock'>;

  constructor(
    encoder: SentenceEncoder,
    tokenizer: TextTokenizer,
    options: TextVectorsOptions,
    env: Pick<Environment, 'log' | 'clock'>,
  ) {
    this.#encoder = encoder;
    this.#tokenizer = tokenizer;
    this.#options = options;
    this.#env = env;
  }

  get dim(): number {
    return this.#encoder.dim;
  }

  /** One vector a text, `texts.length × dim`. Rejects with the reason of an aborted `signal`. */
  async of(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array> {
    const { dim } = this;
    const { batch, maxTokens } = this.#options;
    const { log, clock } = this.#env;
    const places = new Map<string, number[]>();
    for (const [i, text] of texts.entries()) {
      const read = maxTokens === undefined ? text : cutText(text, this.#tokenizer, maxTokens);
      const known = places.get(read);
      if (known) known.push(i);
      else places.set(read, [i]);
    }
    const distinct = [...places.keys()].sort((a, b) => a.length - b.length);
    const vectors = new Float32Array(texts.length * dim);
    const began = clock.monotonicMs();
    let said = began;
    for (let done = 0; done < distinct.length; done += batch) {
      signal?.throwIfAborted();
      const now = clock.monotonicMs();
      if (now - said >= PROGRESS_MS) {
        said = now;
        const perSecond = (done / (now - began)) * 1000;
        const secondsLeft = Math.round((distinct.length - done) / perSecond);
        log.info('Encoding texts', { done, of: distinct.length, perSecond: Math.round(perSecond), secondsLeft });
      }
      const part = distinct.slice(done, done + batch);
      const fresh = await this.#encoder.encode(part, signal);
      for (const [p, text] of part.entries())
        for (const i of places.get(text)!) vectors.set(fresh.subarray(p * dim, (p + 1) * dim), i * dim);
    }
    if (said !== began)
      log.info('Encoded texts', {
        texts: distinct.length,
        seconds: Math.round((clock.monotonicMs() - began) / 1000),
      });
    return vectors;
  }
}
