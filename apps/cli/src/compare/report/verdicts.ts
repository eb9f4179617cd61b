import type { Compared } from '../compared.ts';
import { SIDES } from '../sides.ts';
import { effectText } from './effect-text.ts';

/** What the figures say, in sentences: one a strategy, and what speaks against trusting them. */
export function verdicts({ strategies, gains, leaks, sides }: Compared): readonly string[] {
  const leaking = leaks.filter(({ state }) => state === 'leak').map(({ check }) => check);
  return [
    ...(leaking.length > 0 ? [`Not to be trusted, there are leaks: ${leaking.join('; ')}.`] : []),
    ...strategies.map((strategy) => {
      const said = SIDES.map((side) => {
        const gain = gains.find(
          (one) => one.strategy === strategy && one.side === side && one.over === 'control' && !one.permuted,
        )!;
        const how = !gain.significant ? 'not told from its control' : gain.effect > 0 ? 'gains' : 'loses';
        return `${side} (${sides[side]}) ${how}: ${effectText(gain)}`;
      });
      return `${strategy}: ${said.join('; ')}.`;
    }),
    ...gains
      .filter(({ side, permuted }) => permuted && side === 'domain')
      .map(({ strategy, ...gain }) => {
        const true_ = gains.find(
          (one) => one.strategy === strategy && one.side === 'domain' && !one.permuted && one.over === 'control',
        )!;
        return `${strategy} with permuted texts: domain ${effectText(gain)}, with the true ones ${effectText(true_)}.`;
      }),
  ];
}
