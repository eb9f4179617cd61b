import { z } from '@tandem-rec/contract';

/** What can run an encoder. */
export const ENGINES = ['onnxruntime', 'tensor', 'plain'] as const;
export type Engine = (typeof ENGINES)[number];

/** Options of the plugin `encoder`. */
export const encoderOptions = z.strictObject({
  model: z
    .string()
    .min(1)
    .default('all-MiniLM-L6-v2')
    .describe(
      'The sentence encoder: a path, a folder of the models folder, or a hub id (`organisation/name`, fetched once).',
    ),
  engine: z
    .enum(['auto', ...ENGINES])
    .default('auto')
    .describe(
      'What runs it: onnxruntime-node (to be installed beside; needs an ONNX export in the folder), the tensor backend, or plain code that gives the same bits in any company. `auto`: the first of the former two that is there.',
    ),
  batch: z
    .int()
    .min(1)
    .max(256)
    .default(256)
    .describe('Texts between two looks at the clock: what an abort waits for, and a crash loses, at most.'),
  maxTokens: z
    .int()
    .min(3)
    .optional()
    .describe('Tokens of a text that are read, at most. Default: as many as the model was made for.'),
  window: z.int().min(1).max(512).default(40).describe('Newest items of a past that count.'),
  halfLife: z
    .number()
    .positive()
    .default(2)
    .describe('After how many items of a past, counted from the newest, an item weighs half.'),
  temperature: z
    .number()
    .positive()
    .default(0.1)
    .describe('Cosines are divided by it to become logits: the smaller, the surer the model is of its ranking.'),
  popularity: z
    .number()
    .min(0)
    .default(0)
    .describe('Weight of log(1 + interactions of the item) beside the cosine; 0: texts alone.'),
});

/** Validated options. */
export type EncoderOptions = z.output<typeof encoderOptions>;
