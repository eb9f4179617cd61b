import { SeededRng } from '@tandem-rec/compute';
import type { TrainingStatus, TrainingThread } from '@tandem-rec/cotrainer';
import { pairedRatioBootstrap } from '@tandem-rec/evaluation';
import type { Side, SideNames } from '../compare/sides.ts';

/** The metrics leave out the first fifth of the stream, while everybody is still new. */
export const SKIP = 0.2;
/** Indices into `AGE_BUCKETS`: items met fewer than five times, and the others. */
const COLD = [0, 1] as const;
const WARM = [2, 3] as const;

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
    return [
      events,
      events === 0 ? 0 : ages.reduce((sum, age) => sum + byItemAge[age].events * byItemAge[age].ndcg, 0) / events,
    ];
  };
  const [coldEvents, cold] = over(COLD);
  const [warmEvents, warm] = over(WARM);
  return { 'ndcg@10': ndcg, 'recall@10': recall, 'cold-ndcg@10': cold, 'warm-ndcg@10': warm, coldEvents, warmEvents };
}

/** What a side gained over the control, with 95 % intervals: a paired bootstrap over blocks of the same events; the effects are those of the scores. */
export interface Gain {
  /** Relative change of NDCG@10, 0.05 = +5 %. */
  readonly effect: number;
  readonly interval: readonly [number, number];
  /** Absolute change of NDCG@10 on cold items: a relative one means little where the control is near zero. */
  readonly coldDifference: number;
  readonly coldInterval: readonly [number, number];
}

/** Gains of each side over the control. */
export async function gainsOf(
  together: TrainingThread,
  control: TrainingThread,
  sides: SideNames,
): Promise<Record<Side, Gain>> {
  const names = Object.values(sides) as string[];
  const blocks = async (thread: TrainingThread) => ({
    all: await thread.blocks(names, { skip: SKIP }),
    cold: await thread.blocks(names, { skip: SKIP, ages: COLD }),
  });
  const [treated, untreated] = [await blocks(together), await blocks(control)];
  const gain = (side: Side): Gain => {
    const bootstrap = (part: 'all' | 'cold') =>
      pairedRatioBootstrap(treated[part][sides[side]], untreated[part][sides[side]], {
        rng: new SeededRng(1, `gain/${side}/${part}`),
        resamples: 2000,
      });
    const { effect, interval } = bootstrap('all');
    const { difference, differenceInterval } = bootstrap('cold');
    return { effect, interval, coldDifference: difference, coldInterval: differenceInterval };
  };
  return { domain: gain('domain'), language: gain('language'), fused: gain('fused') };
}
