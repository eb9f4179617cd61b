import { join } from 'node:path';
import { kernelName } from '@tandem-rec/compute';
import type { Environment } from '@tandem-rec/contract';
import type { SentenceEncoder } from './sentence-encoder.ts';
import { VectorCache, vectorKey } from './vector-cache.ts';

/** Texts of one call to the encoder: what is lost at most when the process is stopped. */
const CHUNK = 256;
const PROGRESS_MS = 5000;

/**
 * An encoder that remembers: vectors come from the cache folder where they are there, and each new one is written to it.
 * The cache only saves time: where it cannot be used, a warning says so and the work goes on without it.
 */
export class CachedEncoder implements SentenceEncoder {
  readonly id: string;
  readonly dim: number;
  readonly #encoder: SentenceEncoder;
  readonly #env: Environment;
  /** Weights and arithmetic: where either differs, so may the last bits of a vector. */
  readonly #bits: string;
  #cache: VectorCache | undefined;

  constructor(encoder: SentenceEncoder, env: Environment) {
    this.id = encoder.id;
    this.dim = encoder.dim;
    this.#encoder = encoder;
    this.#env = env;
    this.#bits = `${encoder.id}-${kernelName}`;
    this.#cache = this.#attempt(
      'opened',
      () => new VectorCache(join(env.cacheFolder, 'text-vectors'), this.#bits, encoder.dim),
    );
  }

  async encode(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array> {
    const { dim } = this;
    const { log, clock } = this.#env;
    const vectors = new Float32Array(texts.length * dim);
    const keys = texts.map((text) => vectorKey(this.#bits, text));
    const missing = texts
      .map((_, i) => i)
      .filter((i) => !this.#attempt('read', () => this.#cache?.read(keys[i], vectors, i * dim)));
    const began = clock.monotonicMs();
    let said = began;
    for (let done = 0; done < missing.length; done += CHUNK) {
      const now = clock.monotonicMs();
      if (now - said >= PROGRESS_MS) {
        said = now;
        log.info('Encoding item texts', {
          done,
          of: missing.length,
          perSecond: Math.round((done / (now - began)) * 1000),
        });
      }
      const part = missing.slice(done, done + CHUNK);
      const fresh = await this.#encoder.encode(
        part.map((i) => texts[i]),
        signal,
      );
      for (const [p, i] of part.entries()) {
        const vector = fresh.subarray(p * dim, (p + 1) * dim);
        vectors.set(vector, i * dim);
        this.#attempt('written', () => this.#cache?.add(keys[i], vector));
      }
    }
    if (said !== began)
      log.info('Encoded item texts', {
        texts: missing.length,
        seconds: Math.round((clock.monotonicMs() - began) / 1000),
      });
    return vectors;
  }

  close(): void {
    this.#cache?.close();
    this.#cache = undefined;
  }

  #attempt<T>(what: string, act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      this.#env.log.warn(`The cache of text vectors could not be ${what}: going on without it`, {
        reason: (error as Error).message,
      });
      this.close();
      return undefined;
    }
  }
}
