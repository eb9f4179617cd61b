import { clipped } from '@tandem-rec/language';
import type { Question } from './question.ts';

const VERSION = 'repair@1';
const SHOWN = 4000;

/** The one further turn of a conversation whose answer could not be read: what was wrong, in our words. */
export const repairQuestion = ({ prompt, messages }: Question, answer: string, problem: string): Question => ({
  prompt: `${prompt}+${VERSION}`,
  messages: [
    ...messages,
    // Some servers refuse an empty turn.
    { role: 'assistant', content: clipped(answer, SHOWN) || '(nothing)' },
    {
      role: 'user',
      content: `That answer cannot be used: ${problem}. Answer again, with the JSON alone, exactly as described.`,
    },
  ],
});
