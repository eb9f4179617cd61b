import type { Composition } from '@tandem-rec/contract';
import { SeededRng } from '@tandem-rec/compute';
import type { TrainingStatus, TrainingThread } from '@tandem-rec/cotrainer';
import { pairedBootstrap } from '@tandem-rec/evaluation';

/** The metrics leave out the first fifth of the stream, while everybody is still new. */
export const SKIP = 0.2;
/** Indices into `AGE_BUCKETS`: items met fewer than five times, and the others. */
const COLD = [0, 1] as const;
const WARM = [2, 3] as const;

/** The sides of a composition by the names of those who stand for them: the first of each role, and the fusion that serves. */
export interface Sides {
  readonly domain: string;
  readonly language: string;
  readonly fused: string;
}

export const sidesOf = ({ participants, fusions }: Composition): Sides => ({
  domain: participants.find(({ role }) => role === 'domain')!.name,
  language: participants.find(({ role }) => role === 'language')!.name,
  fused: fusions[0].name,
});

/** What one expert reached, over all events and by item age. */
export interface Scores {
  readonly 'ndcg@10': number;
  readonly 'recall@10': number;
  readonly 'cold-ndcg@10': number;
  readonly 'warm-ndcg@10': number;
  readonly coldEvents: number;
  readonly warmEvents: number;
}

export function scoresOf(status: TrainingStatus, expert: string): Scores {
  const { ndcg, recall, byItemAge } = status.prequential.experts[expert];
  const over = (ages: readonly number[]): readonly [number, number] => {
    const events = ages.reduce((sum, age) => sum + byItemAge[age].events, 0);
    return [events, events === 0 ? 0 : ages.reduce((sum, age) => sum + byItemAge[age].events * byItemAge[age].ndcg, 0) / events];
  };
  const [coldEvents, cold] = over(COLD);
  const [warmEvents, warm] = over(WARM);
  return { 'ndcg@10': ndcg, 'recall@10': recall, 'cold-ndcg@10': cold, 'warm-ndcg@10': warm, coldEvents, warmEvents };
}

/** A relative change of NDCG@10 with its 95 % interval. */
export interface Gain {
  readonly effect: number;
  readonly interval: readonly [number, number];
}

/** Gains of each side over the control, over all items and over cold ones: a paired bootstrap over blocks of the same events. */
export async function gainsOf(
  together: TrainingThread,
  control: TrainingThread,
  sides: Sides,
): Promise<Record<keyof Sides, { readonly all: Gain; readonly cold: Gain }>> {
  const names = Object.values(sides) as string[];
  const gains: Partial<Record<keyof Sides, { all: Gain; cold: Gain }>> = {};
  const blocks = async (ages?: readonly number[]) => {
    const more = { skip: SKIP, ...(ages && { ages }) };
    return [await together.blocks(names, more), await control.blocks(names, more)] as const;
  };
  const [all, cold] = [await blocks(), await blocks(COLD)];
  for (const side of ['domain', 'language', 'fused'] as const) {
    const gain = ([with_, without]: Awaited<ReturnType<typeof blocks>>): Gain => {
      const { effect, interval } = pairedBootstrap(with_[sides[side]], without[sides[side]], { rng: new SeededRng(1, `gain/${side}`), resamples: 2000 });
      return { effect, interval };
    };
    gains[side] = { all: gain(all), cold: gain(cold) };
  }
  return gains as Record<keyof Sides, { all: Gain; cold: Gain }>;
}
