import type { Rng } from '@tandem-rec/contract';
import type { TransformerModel } from '../transformer/transformer-model.ts';
import { Decoder, type Prompt, type WithWeights } from './decoder.ts';
import { sampleToken, type Sampling } from './sample-token.ts';

export interface GenerateOptions extends Sampling {
  /** Tokens at most. It may end earlier, where the model has no more positions. */
  readonly maxTokens: number;
  /** Ends the text, which then lacks it. */
  readonly stop?: readonly string[];
  /** Tokens that end the text. Default: the model's own (`model.stops`). */
  readonly stopIds?: readonly number[];
  /** Draws tokens; the same state draws the same text. Needed where the temperature is above 0. */
  readonly rng?: Rng;
  /** Default: the model's own weights. */
  readonly withWeights?: WithWeights;
  readonly signal?: AbortSignal;
}

export interface Generated {
  readonly text: string;
  /** Tokens that were drawn, one that ended the text included. */
  readonly ids: Int32Array;
  /** Why it ended. */
  readonly ended: 'stop' | 'length';
}

/**
 * Free text after a prompt, token by token, with cached keys and values.
 * Throws RangeError for an encoder or a prompt that is too long; the signal's reason.
 */
export async function generate(model: TransformerModel, prompt: Prompt, options: GenerateOptions): Promise<Generated> {
  const { maxTokens, stop = [], stopIds = model.stops, rng, withWeights, signal } = options;
  const decoder = new Decoder(model, withWeights);
  const ids: number[] = [];
  try {
    let logits = await decoder.see(prompt, signal);
    while (ids.length < maxTokens) {
      const id = sampleToken(logits, options, rng);
      ids.push(id);
      if (stopIds.includes(id)) return result('stop', textOf(ids.slice(0, -1)));
      if (stop.length > 0) {
        const text = textOf(ids);
        const found = stop.map((each) => text.indexOf(each)).filter((at) => at >= 0);
        if (found.length > 0) return result('stop', text.slice(0, Math.min(...found)));
      }
      if (ids.length === maxTokens || decoder.room === 0) break;
      logits = await decoder.see({ ids: [id] }, signal);
    }
    return result('length', textOf(ids));
  } finally {
    decoder.close();
  }

  /** What the tokens add to the prompt: alone, a leading space of theirs would be lost. */
  function textOf(added: readonly number[]): string {
    const before = 'ids' in prompt ? Array.from(prompt.ids) : [];
    const { tokenizer } = model;
    return tokenizer.decode([...before, ...added]).slice(tokenizer.decode(before).length);
  }

  function result(ended: Generated['ended'], text: string): Generated {
    return { text, ids: Int32Array.from(ids), ended };
  }
}
