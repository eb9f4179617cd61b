/** Where values of an axis stand, and which are written beside it. */
export interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

/** Powers of ten around the values, spread from one place to another. */
export function logarithmic(values: readonly number[], from: number, to: number): Scale {
  const low = Math.floor(Math.log10(Math.min(...values)) + 1e-9);
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values)) - 1e-9));
  return {
    at: (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from),
    ticks: Array.from({ length: high - low + 1 }, (_, k) => 10 ** (low + k)),
  };
}

/** From nought to beyond the largest value in round steps. */
export const linear = (values: readonly number[], from: number, to: number): Scale => around([0, ...values], from, to);

/** From a round number below the least value to one beyond the largest. */
export function around(values: readonly number[], from: number, to: number): Scale {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const width = most > least ? most - least : Math.abs(most) || 1;
  const unit = 10 ** Math.floor(Math.log10(width));
  const step = [0.2, 0.5, 1, 2].map((part) => part * unit).find((size) => width / size <= 6) ?? 2 * unit;
  const low = Math.floor(least / step + 1e-9);
  const high = Math.max(low + 1, Math.ceil(most / step - 1e-9));
  return {
    at: (value) => from + ((value / step - low) / (high - low)) * (to - from),
    ticks: Array.from({ length: high - low + 1 }, (_, k) => Number(((low + k) * step).toPrecision(6))),
  };
}

/** A value beside an axis. */
export const tickText = (value: number): string =>
  value === 0 || (Math.abs(value) >= 0.001 && Math.abs(value) < 10_000)
    ? String(value)
    : value.toExponential().replace('e+', 'e');
