import { TandemError, type Environment } from '@tandem-rec/contract';
import type { Notes } from '@tandem-rec/language';
import type { BodyOptions } from './body/body-options.ts';
import { BodyPooling } from './body/body-pooling.ts';
import { itemsLayout } from './body/layout.ts';
import { openBody } from './body/open-body.ts';
import type { WrittenWeights } from './items/written-weights.ts';
import type { ItemFeatures } from './items/item-features.ts';
import { ItemRanker } from './items/item-ranker.ts';
import type { Pooling } from './pooling/pooling.ts';
import { WarmedPooling } from './pooling/warmed-pooling.ts';
import { PretrainedRanker } from './pretrained-ranker.ts';
import type { SettledOptions } from './transformer-options.ts';
import { PromptLayout, promptTokens } from './words/prompt-layout.ts';
import { TitleTokens } from './words/title-tokens.ts';
import { Writer } from './words/writer.ts';

/** A ranker over a pretrained body; a tensor backend must be open. `small` makes the pooling that learns first, if one does. */
export async function openPretrained(
  options: SettledOptions,
  bodyOptions: BodyOptions,
  env: Environment,
  features: ItemFeatures,
  small: () => Promise<Pooling>,
  optimiser: WrittenWeights,
  notes: Notes,
): Promise<PretrainedRanker> {
  const { reads, prompt, text, warmUp, tokens, dropout } = bodyOptions;
  const { dim, window } = options;
  const body = await openBody(bodyOptions, env);
  try {
    const { positions } = body.model.architecture;
    if (reads === 'items' && window > positions)
      throw new TandemError(
        'TANDEM_CONFIG_WRONG_VALUE',
        `${env.name}: \`window\` is ${window}, and ${bodyOptions.model} has ${positions} positions.`,
      );
    const titles = new TitleTokens(body.model.tokenizer, prompt.titleTokens);
    const length = promptTokens(body.model, prompt.tokens);
    const layout = reads === 'items' ? itemsLayout(window) : new PromptLayout(body.model, titles, notes, length);
    const large = new BodyPooling(body, layout, { dim, window, tokens, dropout }, env.rng.fork('body'));
    const pooling = warmUp > 0 ? new WarmedPooling(await small(), large, warmUp) : large;
    return new PretrainedRanker({
      name: env.name,
      ranker: new ItemRanker(options, env, features, pooling, optimiser, notes),
      body,
      titles,
      writer: text && new Writer(body, titles, notes, text, length, { rng: env.rng.fork('words'), signal: env.signal }),
    });
  } catch (error) {
    body.close();
    throw error;
  }
}
