import type { ItemWords, UserWords } from '../roles/words.ts';
import { DATA_RULE, dataBlock } from '@tandem-rec/language';
import type { Question } from './question.ts';

const VERSION = 'explain@1';

const system = (who: string): string => `You explain a recommender to the people who use it.
${DATA_RULE}
${who}
One or two plain sentences, addressed to the reader. No preamble, nothing that the data does not support.`;

const USER = system(
  'The data is about the reader: "past" is what they chose, newest first, and "said" what other models noticed. Say which of their choices point where, and so what is recommended to them.',
);
const ITEM = system(
  'The data is about an item: its "text", and what other models "said" about it. Say why it is recommended, and to whom.',
);

/** Why somebody is recommended what they are, or why an item is recommended. */
export const explainQuestion = (about: UserWords | ItemWords): Question => ({
  prompt: VERSION,
  messages: [
    { role: 'system', content: 'past' in about ? USER : ITEM },
    { role: 'user', content: dataBlock({ ...about }) },
  ],
});
