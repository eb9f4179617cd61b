import type { TextTokenizer } from '@tandem-rec/language';

/** Characters a token that are tried first; titles have 4 to 6. */
const CHARACTERS = 8;

/** The longest beginning of a text that is at most `maxTokens` tokens, special ones included. */
export function cutText(text: string, tokenizer: TextTokenizer, maxTokens: number): string {
  const fits = (length: number): boolean =>
    tokenizer.encode(text.slice(0, length), { maxTokens: maxTokens + 1 }).length <= maxTokens;
  // Of a long text only as much is looked at as is needed.
  let [fitting, tooLong] = [0, Math.min(text.length, maxTokens * CHARACTERS)];
  while (fits(tooLong)) {
    if (tooLong === text.length) return text;
    fitting = tooLong;
    tooLong = Math.min(text.length, 2 * tooLong);
  }
  while (tooLong - fitting > 1) {
    const middle = (fitting + tooLong) >> 1;
    if (fits(middle)) fitting = middle;
    else tooLong = middle;
  }
  return text.slice(0, fitting);
}
