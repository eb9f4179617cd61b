import { z, type BridgeTable, type Rows, type Statistics } from '@tandem-rec/contract';
import type { RowWishes } from './row-wishes.ts';

/** How strong a prior is, and how it gives way to evidence: options of strategies that hang one into a table. */
export const fadingOptions = {
  strength: z
    .number()
    .min(0)
    .default(0.02)
    .describe('ρ: a touched row moves ρ / (n + 1)^fade of the way toward its text, n its interactions. 0: no prior.'),
  fade: z.number().min(0).default(1).describe('How fast the prior gives way to evidence.'),
  untilCount: z.int().min(1).optional().describe('Rows of items met at least this often are left alone.'),
};

const FADING_OPTIONS = z.strictObject(fadingOptions);

/** Validated options of a prior. */
export type FadingOptions = z.output<typeof FADING_OPTIONS>;

/** More in one step is no prior any more. */
const STRONGEST = 0.5;

/** Moves rows of items that nobody has met to where their texts wish them. */
export function placeUnmet(table: BridgeTable, wishes: RowWishes, rows: Rows, { itemCounts }: Statistics): void {
  const unmet = rows.filter((row) => itemCounts[row] === 0);
  const values = new Float32Array(unmet.length * table.dim);
  unmet.forEach((row, k) => values.set(wishes.of(row), k * table.dim));
  table.assign(unmet, values);
}

/**
 * Hangs a prior into a table: after each step the rows it touched move toward their wishes,
 * `E_i += ρ · loudness / (n_i + 1)^fade · (g_i − E_i)`, n_i the interactions of item i so far.
 */
export function pullTowardWishes(
  table: BridgeTable,
  wishes: RowWishes,
  statistics: Statistics,
  { strength, fade, untilCount = Infinity }: FadingOptions,
  loudness: (interactions: number) => number = () => 1,
): void {
  if (strength === 0) return;
  table.pull((rows, targets, weights) => {
    const { itemCounts } = statistics;
    for (let k = 0; k < rows.length; k++) {
      const count = itemCounts[rows[k]];
      if (rows[k] >= wishes.known || count >= untilCount) continue;
      weights[k] = Math.min(STRONGEST, (strength * loudness(count)) / (count + 1) ** fade);
      targets.set(wishes.of(rows[k]), k * table.dim);
    }
  });
}
