import { metric, percent } from '../../text-table.ts';
import type { Effect } from '../compared.ts';

/** `+4.0 % [+3.3, +4.8]`; the metric's own difference where the control is too near to nothing for a relative one; `the same` where every result is. */
export function effectText({ effect, interval, difference, differenceInterval }: Effect): string {
  if (difference === 0 && differenceInterval.every((end) => end === 0)) return 'the same';
  if (isTold({ effect, interval })) return `${percent(effect)} [${bare(interval[0])}, ${bare(interval[1])}]`;
  const [low, high] = differenceInterval;
  return `${signed(difference)} [${signed(low)}, ${signed(high)}]`;
}

/** Whether a relative change says something. */
export const isTold = ({ effect, interval }: Pick<Effect, 'effect' | 'interval'>): boolean =>
  [effect, ...interval].every((value) => Number.isFinite(value) && Math.abs(value) < 10);

const bare = (value: number): string => percent(value).replace(' %', '');
const signed = (value: number): string => `${value < 0 ? '−' : '+'}${metric(Math.abs(value))}`;
