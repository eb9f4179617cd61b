import { SeededRng } from '@tandem-rec/compute';
import { TandemError } from '@tandem-rec/contract';
import { movielensItems } from '../models/rating-prediction.ts';

/** Short texts, and where they are from. */
export interface Titles {
  readonly from: string;
  readonly texts: readonly string[];
}

/** The first titles of MovieLens 100K where it is there, else as many invented ones of the same length. */
export async function titles(count: number): Promise<Titles> {
  try {
    const films = await movielensItems(new AbortController().signal);
    return { from: 'films of MovieLens 100K', texts: films.slice(0, count).map(({ text }) => text?.['title'] ?? '') };
  } catch (error) {
    if (!TandemError.is(error) || error.code !== 'TANDEM_DATASET_MISSING') throw error;
    return { from: 'invented films', texts: invented(count) };
  }
}

const WORDS = 'the of night day love house river return last little black summer king city story road man dream'.split(
  ' ',
);

function invented(count: number): readonly string[] {
  const rng = new SeededRng(1, 'titles');
  const words = (): string => Array.from({ length: 1 + rng.int(4) }, () => WORDS[rng.int(WORDS.length)]).join(' ');
  return Array.from({ length: count }, () => `${words()} (${1930 + rng.int(68)})`);
}
