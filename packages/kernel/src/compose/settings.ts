import { comparisonSchema, evaluationSchema, limitsSchema, trainingSchema, z } from '@tandem-rec/contract';
import { OptionSchema } from '../option-schema.ts';

/** A place for a plugin: checked by itself, because its schema depends on the plugin. */
const plugin = z.unknown().optional();

/** Everything a configuration holds, plugins apart. */
export const settingsSchema = z.strictObject({
  $schema: z.string().optional().describe('JSON Schema of this file, for editors: `tandem schema` writes it.'),
  name: z.string().min(1).default('tandem').describe('Name of the composition, for people.'),
  seed: z.int().min(0).default(42).describe('Everything random follows from it.'),
  source: plugin,
  dataset: plugin,
  catalogue: plugin,
  domain: plugin,
  language: plugin,
  sharing: plugin,
  fusion: plugin,
  store: plugin,
  backend: z.enum(['native', 'wasm', 'cpu']).optional().describe('Tensor backend; default: the best one present.'),
  training: trainingSchema.prefault({}),
  evaluation: evaluationSchema.prefault({}),
  comparison: comparisonSchema.prefault({}),
  limits: limitsSchema.prefault({}),
});

export type Settings = z.output<typeof settingsSchema>;

/** What messages say about settings. */
export const settingsWords = new OptionSchema(settingsSchema);

/** What the settings say of `comparison`, where plugins stand among them. */
export const comparisonWords = new OptionSchema(comparisonSchema);
