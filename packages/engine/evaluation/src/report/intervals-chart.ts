import { GRID, line, px, seriesColour, svg } from './chart.ts';
import { escaped } from './html-page.ts';
import { around, tickText } from './scale.ts';

/** One effect with its interval, in percent or whatever the axis says. */
export interface IntervalMark {
  readonly name: string;
  readonly value: number;
  readonly interval: readonly [low: number, high: number];
  /** Marks of one group have one colour. */
  readonly group: number;
  /** Drawn full where true, hollow else. */
  readonly sure: boolean;
}

const [WIDTH, LEFT, RIGHT, TOP, ROW, BOTTOM] = [720, 250, 30, 36, 20, 46];

/** Effects beneath each other with their intervals, and a line at nought. */
export function intervalsChart(
  { title, x }: { readonly title: string; readonly x: string },
  marks: readonly IntervalMark[],
): string {
  const height = TOP + marks.length * ROW + BOTTOM;
  const scale = around([0, ...marks.flatMap(({ value, interval }) => [value, ...interval])], LEFT, WIDTH - RIGHT);
  return svg(WIDTH, height, [
    `<text x="8" y="20" font-weight="bold">${escaped(title)}</text>`,
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${height - 8}" text-anchor="middle">${escaped(x)}</text>`,
    ...scale.ticks.flatMap((value) => [
      line(scale.at(value), TOP, scale.at(value), height - BOTTOM, value === 0 ? 'currentColor' : GRID),
      `<text x="${px(scale.at(value))}" y="${height - BOTTOM + 16}" text-anchor="middle">${tickText(value)}</text>`,
    ]),
    ...marks.map(({ name, value, interval: [low, high], group, sure }, row) => {
      const [y, colour] = [TOP + (row + 0.5) * ROW, seriesColour(group)];
      const said = `${name}: ${value.toFixed(1)} [${low.toFixed(1)}, ${high.toFixed(1)}]`;
      return (
        `<g><title>${escaped(said)}</title><text x="${LEFT - 10}" y="${px(y + 4)}" text-anchor="end">${escaped(name)}</text>` +
        `<line x1="${px(scale.at(low))}" y1="${px(y)}" x2="${px(scale.at(high))}" y2="${px(y)}" stroke="${colour}" stroke-width="2"/>` +
        `<circle cx="${px(scale.at(value))}" cy="${px(y)}" r="4.5" stroke="${colour}" stroke-width="2" fill="${sure ? colour : 'none'}"/></g>`
      );
    }),
  ]);
}
