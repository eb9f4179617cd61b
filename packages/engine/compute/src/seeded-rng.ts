import { createHash } from 'node:crypto';
import type { Rng, RngState } from '@tandem-rec/contract';

const ALGORITHM = 'xoshiro128**';

/**
 * xoshiro128** (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021), one stream a component.
 *
 * The stream is fixed by `(seed, name)` alone, through SHA-256, so that components never share draws and adding one
 * changes no other. `fork` derives from the stream's identity and not from how far it has been drawn: forks may be taken
 * at any time and in any order.
 */
export class SeededRng implements Rng {
  readonly #words = new Int32Array(4);
  readonly #key = new Int32Array(4);
  readonly #spare = new Float64Array(1);
  #hasSpare = false;

  constructor(seed: number | string, name = '') {
    const identity = JSON.stringify([typeof seed, String(seed), name]);
    this.#key.set(digest(identity));
    this.#words.set(digest(`state:${identity}`));
  }

  /** Uniform in [0, 1), a multiple of 2⁻⁵³. */
  next(): number {
    const high = this.#uint32() >>> 5;
    const low = this.#uint32() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  /** A whole number in [0, below), each equally likely (rejection). `below` is a whole number from 1 to 2⁵³. */
  int(below: number): number {
    if (!(below >= 1 && below <= 9007199254740992 && Number.isInteger(below)))
      throw new RangeError(`int(${below}): the bound must be a whole number from 1 to 2^53.`);
    if (below <= 4294967296) {
      const limit = 4294967296 - (4294967296 % below);
      let draw = this.#uint32();
      while (draw >= limit) draw = this.#uint32();
      return draw % below;
    }
    const limit = 9007199254740992 - (9007199254740992 % below);
    let draw = this.next() * 9007199254740992;
    while (draw >= limit) draw = this.next() * 9007199254740992;
    return draw % below;
  }

  /** Standard normal, by Marsaglia's polar method; the second value of a pair is kept and saved. */
  normal(): number {
    if (this.#hasSpare) {
      this.#hasSpare = false;
      return this.#spare[0];
    }
    let u: number;
    let v: number;
    let square: number;
    do {
      u = 2 * this.next() - 1;
      v = 2 * this.next() - 1;
      square = u * u + v * v;
    } while (square >= 1 || square === 0);
    const scale = Math.sqrt((-2 * Math.log(square)) / square);
    this.#spare[0] = v * scale;
    this.#hasSpare = true;
    return u * scale;
  }

  /** An independent stream fixed by this one's identity and `name`; draws from neither. */
  fork(name: string): SeededRng {
    return new SeededRng(this.#key.join(','), name);
  }

  /** Four state words, four words of identity and the kept normal; exact through JSON. */
  save(): RngState {
    return {
      algorithm: ALGORITHM,
      words: [...this.#words],
      key: [...this.#key],
      spare: this.#hasSpare ? this.#spare[0] : null,
    };
  }

  /** Throws RangeError if the state is not one of `save`. */
  load(state: RngState): void {
    const { algorithm, words, key, spare } = state;
    if (algorithm !== ALGORITHM || !isFourWords(words) || !isFourWords(key))
      throw new RangeError(`This is not the state of a ${ALGORITHM} stream: ${JSON.stringify(state)}.`);
    this.#words.set(words);
    this.#key.set(key);
    this.#hasSpare = typeof spare === 'number';
    this.#spare[0] = typeof spare === 'number' ? spare : 0;
  }

  #uint32(): number {
    const words = this.#words;
    const result = Math.imul(rotateLeft(Math.imul(words[1], 5), 7), 9) >>> 0;
    const shifted = words[1] << 9;
    words[2] ^= words[0];
    words[3] ^= words[1];
    words[1] ^= words[2];
    words[0] ^= words[3];
    words[2] ^= shifted;
    words[3] = rotateLeft(words[3], 11);
    return result;
  }
}

function isFourWords(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length === 4 && value.every(Number.isInteger);
}

function rotateLeft(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

function digest(text: string): Int32Array {
  const bytes = createHash('sha256').update(text).digest();
  return Int32Array.from({ length: 4 }, (_, i) => bytes.readInt32LE(i * 4));
}
