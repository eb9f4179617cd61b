/** What is measured: texts to vectors, a step of learning with adapters, and the body of a recommender forward and back. */
export const WORKS = ['texts', 'lora', 'body'] as const;
export type WorkName = (typeof WORKS)[number];

/** What can do it: ours, and others beside. */
export const ENGINES = ['plain', 'wasm', 'native'] as const;
export type EngineName = (typeof ENGINES)[number];
export const PEERS = ['onnxruntime', 'pytorch'] as const;
export type PeerName = (typeof PEERS)[number];

/** How much is done in a run. */
export interface Sizes {
  /** Texts that become vectors. */
  readonly texts: number;
  /** Tokens of a step with adapters of rank 8: texts × length. */
  readonly lora: readonly [size: number, length: number];
  /** Tokens of a body of three layers with adapters of rank 16 under a causal mask: timelines × length. */
  readonly body: readonly [size: number, length: number];
  /** How often each is done after it has warmed up. */
  readonly runs: number;
}

export const FULL: Sizes = { texts: 1024, lora: [32, 32], body: [20, 51], runs: 12 };
export const QUICK: Sizes = { texts: 128, lora: [4, 16], body: [2, 20], runs: 3 };

/** Layers of the body that are run. */
export const BODY_LAYERS = 3;
/** Columns of the adapters' matrices. */
export const RANKS = { lora: 8, body: 16 } as const;

/** How figures of a work are told: amount of a run by seconds, or seconds themselves. */
export interface WorkAbout {
  readonly unit: string;
  readonly amount: (sizes: Sizes) => number;
  readonly engines: readonly EngineName[];
  readonly peers: readonly PeerName[];
  readonly what: (sizes: Sizes) => string;
}

const product = ([size, length]: readonly [number, number]): string => `${size} × ${length} tokens`;

export const ABOUT: Readonly<Record<WorkName, WorkAbout>> = {
  texts: {
    unit: 'texts/s',
    amount: ({ texts }) => texts,
    engines: ENGINES,
    peers: ['onnxruntime'],
    what: ({ texts }) => `vectors of ${texts} titles`,
  },
  lora: {
    unit: 'ms/step',
    amount: () => 1,
    engines: ['wasm', 'native'],
    peers: [],
    what: ({ lora }) => `LoRA step, r = ${RANKS.lora}, ${product(lora)}`,
  },
  body: {
    unit: 'tokens/s',
    amount: ({ body: [size, length] }) => size * length,
    engines: ['wasm', 'native'],
    peers: ['pytorch'],
    what: ({ body }) => `${BODY_LAYERS} layers and back, r = ${RANKS.body}, ${product(body)}`,
  },
};
