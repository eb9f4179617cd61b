import type { Arena, Kernel } from './arena.ts';
import { messageLayerBinary } from './binaries/message-layer.ts';

/** What nodes know and what they are told, a row each; all arrays are in one arena. */
export interface JoinedMessages {
  /** `rows × dim`. */
  readonly E: Float32Array;
  /** Rows of `dim` floats that are `stride` apart, the first at element `at`. */
  readonly P: Float32Array;
  readonly stride: number;
  /** Default 0. */
  readonly at?: number;
  /** A multiple of four. */
  readonly dim: number;
}

/** How a layer ends. */
export interface Activation {
  /** `rows × dim`: becomes what the layer knows. */
  readonly Y: Float32Array;
  /** A multiple of four. */
  readonly dim: number;
  /** Of LeakyReLU below zero, at most 1 (then it is the identity). */
  readonly slope: number;
  /** Share of elements that are dropped, in [0, 1); the others are divided by the rest. */
  readonly dropout: number;
  /** Which: a whole number below 2³². */
  readonly seed: number;
  /** Whether rows of F are scaled to length one. */
  readonly unit: boolean;
  /** Where rows are written: `stride` apart, the first at element `at`. */
  readonly stride: number;
  readonly at: number;
}

interface LayerFunctions {
  readonly joinMessages: (...numbers: number[]) => void;
  readonly joinMessagesBack: (...numbers: number[]) => void;
  readonly activate: (...numbers: number[]) => void;
  readonly activateBack: (...numbers: number[]) => void;
}

/** Rows that one thread takes at a time. */
const BLOCK_ROWS = 512;

/** Z = [e + p | e ⊙ p] for `rows` rows (rows × 2 dim). */
export function joinMessages(arena: Arena, rows: number, messages: JoinedMessages, Z: Float32Array): void {
  run(arena, 'joinMessages', rows, [...joined(messages), Z.byteOffset]);
}

/** Overwrites the gradients of E and P (rows × dim each) by what comes from that of Z: ds + db ⊙ p and ds + db ⊙ e. */
export function joinMessagesBack(
  arena: Arena,
  rows: number,
  messages: JoinedMessages,
  dZ: Float32Array,
  dE: Float32Array,
  dP: Float32Array,
): void {
  run(arena, 'joinMessagesBack', rows, [...joined(messages), dZ.byteOffset, dE.byteOffset, dP.byteOffset]);
}

/** Y ← dropout(LeakyReLU(Y)), which is also written to F. */
export function activate(arena: Arena, rows: number, activation: Activation, F: Float32Array): void {
  run(arena, 'activate', rows, activated(activation, F));
}

/** Adds to G, the gradient of Y after `activate`, what comes from that of F; makes it that of Y before. */
export function activateBack(
  arena: Arena,
  rows: number,
  activation: Activation,
  dF: Float32Array,
  G: Float32Array,
): void {
  run(arena, 'activateBack', rows, [...activated(activation, dF), G.byteOffset]);
}

/** The hash below which an element is dropped. */
export const dropoutThreshold = (dropout: number): number => Math.floor(dropout * 2 ** 32);

const joined = ({ E, P, stride, at = 0, dim }: JoinedMessages): readonly number[] => [
  ...[E.byteOffset, P.byteOffset + 4 * at, stride, dim],
];

const activated = (
  { Y, dim, slope, dropout, seed, unit, stride, at }: Activation,
  F: Float32Array,
): readonly number[] => [
  ...[Y.byteOffset, dim, slope, dropoutThreshold(dropout), 1 / (1 - dropout), seed, +unit],
  ...[F.byteOffset + 4 * at, stride],
];

function run(arena: Arena, name: keyof LayerFunctions, rows: number, numbers: readonly number[]): void {
  const kernel: Kernel<LayerFunctions> = arena.open<LayerFunctions>(messageLayerBinary);
  kernel.parallel(name, rows, { block: BLOCK_ROWS }, (from, to) => [from, to, ...numbers]);
}
