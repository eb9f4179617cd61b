import { z } from '@tandem-rec/contract';

/** Options of the pretrained body of the plugin `transformer`. */
export const bodyOptions = z
  .strictObject({
    model: z
      .string()
      .min(1)
      .describe(
        'The pretrained transformer in Hugging Face layout: a path, a folder of TANDEM_MODELS, or a hub id. BERT, GPT-2, GPT-NeoX or Llama.',
      ),
    reads: z
      .enum(['items', 'prompt'])
      .default('items')
      .describe(
        'What stands for a past item: one soft token (`items`, cheap), or the words of its title with a soft token behind them (`prompt`).',
      ),
    layers: z.int().min(1).optional().describe('Layers that are run, from the first. Default: all.'),
    train: z
      .enum(['frozen', 'lora', 'full'])
      .default('lora')
      .describe(
        'What of the body learns: nothing but the projections into it and out of it, low-rank adapters, or every weight of the layers that are run.',
      ),
    lora: z
      .strictObject({
        rank: z.int().min(1).max(1024).default(16).describe('Columns of the pair of matrices of a layer.'),
        alpha: z.number().positive().default(32).describe('The update is scaled by alpha / rank.'),
        targets: z
          .array(z.string().min(1))
          .nonempty()
          .optional()
          .describe('Names that adapted layers end with, as in peft. Default: what makes queries and values.'),
        dropout: z
          .number()
          .min(0)
          .max(0.95)
          .default(0)
          .describe('Share of a layer’s inputs that its adapter does not see in training.'),
      })
      .prefault({})
      .describe('The adapters.'),
    adapter: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Folder of an adapter in peft’s layout to begin with; its own rank and targets count. With `train: frozen` it stays as it is.',
      ),
    saveAdapter: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Folder that the adapter is written to, alone and in peft’s layout, with each checkpoint and at the end.',
      ),
    learningRate: z
      .number()
      .positive()
      .optional()
      .describe('Of adapters (default 1e-3) or of the body’s weights (default 2e-4) (AdamW).'),
    projectionLearningRate: z
      .number()
      .positive()
      .default(2e-3)
      .describe('Of the projections into the body and out of it (AdamW).'),
    clipNorm: z.number().positive().default(1).describe('Norm that the body’s gradients are cut down to.'),
    dropout: z
      .number()
      .min(0)
      .max(0.95)
      .default(0.2)
      .describe('Share of the elements of soft tokens put to zero in training.'),
    tokens: z
      .int()
      .min(1)
      .default(2048)
      .describe(
        'Tokens that are learned from at once: memory grows with it. Larger steps are cut into parts, whose gradients are added up.',
      ),
    warmUp: z
      .int()
      .min(0)
      .max(2 ** 24)
      .default(0)
      .describe(
        'Events that the small `pooling` learns from first: the body then begins with a trained item tower, which is worth most of the training.',
      ),
    prompt: z
      .strictObject({
        tokens: z
          .int()
          .min(8)
          .optional()
          .describe(
            'Tokens of a prompt: as many of the newest items as fit. Default: 256, or as many as the model has.',
          ),
        titleTokens: z.int().min(1).default(16).describe('Tokens of a title at most.'),
      })
      .prefault({})
      .describe('Of `reads: prompt` and of `text`.'),
    text: z
      .strictObject({
        maxTokens: z.int().min(1).default(48).describe('Tokens of a text at most.'),
        temperature: z.number().min(0).default(0.7).describe('0: always the likeliest token.'),
        topP: z
          .number()
          .positive()
          .max(1)
          .default(0.9)
          .describe('Only the likeliest tokens that together reach this probability are drawn from.'),
        stop: z.array(z.string().min(1)).default(['\n']).describe('What ends a text.'),
        recommend: z
          .boolean()
          .default(true)
          .describe(
            'Whether a text about a user is about an item of the catalogue that the model chooses by writing its title, held to the titles that there are.',
          ),
      })
      .optional()
      .describe('Lets a decoder write about users and items: it gives `text`.'),
  })
  .refine(({ train, adapter, saveAdapter }) => saveAdapter === undefined || train === 'lora' || adapter !== undefined, {
    message: 'There is no adapter to save: `train` is not lora.',
    path: ['saveAdapter'],
  });

/** Validated options. */
export type BodyOptions = z.output<typeof bodyOptions>;
