import type { ItemWords, UserWords } from '../roles/words.ts';
import { DATA_RULE, dataBlock } from '@tandem-rec/language';
import type { Question } from './question.ts';

const VERSION = 'profile@1';

const system = (who: string): string => `You write profiles for a recommender.
${DATA_RULE}
${who}
Write two or three plain sentences. No lists, no preamble, nothing that the data does not support.`;

const USER = system(
  'The data is about a user: "past" is what the user chose, newest first, and "said" what other models noticed. Say what this user enjoys and will look for next.',
);
const ITEM = system(
  'The data is about an item: its "text", and what other models "said" about it. Say what it is like and who enjoys it.',
);

/** A profile in words, to be read by people and embedded as a vector (RLMRec, KAR, ONCE). */
export const profileQuestion = (about: UserWords | ItemWords): Question => ({
  prompt: VERSION,
  messages: [
    { role: 'system', content: 'past' in about ? USER : ITEM },
    { role: 'user', content: dataBlock({ ...about }) },
  ],
});
