import { TandemError } from '@tandem-rec/contract';
import { clipped } from '@tandem-rec/language';
import type { Gateway } from '../exchanges/gateway.ts';
import { explainQuestion } from '../prompts/explain.ts';
import { profileQuestion } from '../prompts/profile.ts';
import type { Question } from '../prompts/question.ts';
import type { Fallback } from './fallback.ts';
import { isBlank, plainly, type ItemWords, type UserWords } from './words.ts';

const LONGEST = 1200;
const REFUSAL = /^(i['’]?m sorry|i am sorry|sorry,|i can(no|['’])t|i am unable|i['’]?m unable|as an ai)/i;

/** Words about users and items by the chat model; the bare facts where it fails, or has nothing to go by. */
export class Profiler {
  readonly #gateway: Gateway;
  readonly #fallback: Fallback;

  constructor(gateway: Gateway, fallback: Fallback) {
    this.#gateway = gateway;
    this.#fallback = fallback;
  }

  profile(about: UserWords | ItemWords): Promise<string> {
    return this.#write(about, profileQuestion);
  }

  explain(about: UserWords | ItemWords): Promise<string> {
    return this.#write(about, explainQuestion);
  }

  async #write(about: UserWords | ItemWords, questionOf: (about: UserWords | ItemWords) => Question): Promise<string> {
    if (isBlank(about)) return plainly(about);
    return this.#fallback.orElse(
      async () => {
        const question = questionOf(about);
        const text = clipped(await this.#gateway.chat(question), LONGEST);
        if (text !== '' && !REFUSAL.test(text)) return text;
        throw new TandemError('TANDEM_MODEL_ANSWER_INVALID', `The model gave no text for ${question.prompt}.`, {
          details: { prompt: question.prompt, refused: text !== '' },
        });
      },
      () => plainly(about),
    );
  }
}
