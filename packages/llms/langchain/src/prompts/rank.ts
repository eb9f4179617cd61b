import type { ItemWords, UserWords } from '../roles/words.ts';
import { DATA_RULE, dataBlock } from '@tandem-rec/language';
import type { Question } from './question.ts';

const VERSION = 'rank@1';

const SYSTEM = `You judge which items a user of a recommender will choose next.
${DATA_RULE}
The data has "past": what the user chose, newest first; "said": what other models noticed about the user; and "candidates", each with an "id", a "text" and what other models "said" about it.
Give each candidate a grade from 0 (the user will surely not choose it next) to 100 (surely). Use the whole range; grade each candidate for itself.
Answer with JSON alone, every candidate's id exactly once: {"grades":[{"id":"c1","grade":50}]}`;

/** Judges candidates for one user; candidate i has the id `c<i + 1>`. */
export const rankQuestion = (user: UserWords, candidates: readonly ItemWords[]): Question => ({
  prompt: VERSION,
  messages: [
    { role: 'system', content: SYSTEM },
    {
      role: 'user',
      content: dataBlock({ ...user, candidates: candidates.map((item, i) => ({ id: candidateId(i), ...item })) }),
    },
  ],
});

export const candidateId = (index: number): string => `c${index + 1}`;
