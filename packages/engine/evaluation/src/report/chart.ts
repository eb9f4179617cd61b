import { escaped } from './html-page.ts';
import { around, linear, logarithmic, tickText, type Scale } from './scale.ts';

/** Points of one name, in data's units; positive where an axis is logarithmic. */
export interface Series {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number; readonly label?: string }[];
}

/** What stands above and beside a chart. */
export interface ChartText {
  readonly title: string;
  readonly x: string;
  readonly y: string;
}

type Kind = keyof typeof SCALES;

export interface ChartOptions {
  /** `linear` begins at nought, `around` near the least value. Default `log`. */
  readonly vertical?: Kind;
  /** Default `log`. */
  readonly horizontal?: Kind;
  /** Whether each point is marked, or the lines are enough. Default true. */
  readonly dots?: boolean;
  /** Where names stand: in a list, or each beside its last point. Default `list`. */
  readonly names?: 'list' | 'beside';
}

const SCALES = { log: logarithmic, linear, around } as const satisfies Record<
  string,
  (values: readonly number[], from: number, to: number) => Scale
>;
const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [720, 420, 70, 150, 40, 50];
const COLOURS = 8;

/** A chart as SVG, each series a line through its points. */
export function chart(
  { title, x, y }: ChartText,
  series: readonly Series[],
  { vertical: up = 'log', horizontal: across = 'log', names = 'list', dots: marked = true }: ChartOptions = {},
): string {
  const all = series.flatMap(({ points }) => points);
  const horizontal = SCALES[across](
    all.map((point) => point.x),
    LEFT,
    WIDTH - RIGHT,
  );
  const vertical = SCALES[up](
    all.map((point) => point.y),
    HEIGHT - BOTTOM,
    TOP,
  );
  const ends = series.map(({ points }) => points.at(-1)!);
  const places =
    names === 'list'
      ? series.map((_, number) => [WIDTH - RIGHT + 12, TOP + 18 * number + 10] as const)
      : apart(ends.map((end) => [horizontal.at(end.x) + 8, vertical.at(end.y) + 4] as const));
  const parts = [
    `<text x="${LEFT}" y="20" font-weight="bold">${escaped(title)}</text>`,
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 10}" text-anchor="middle">${escaped(x)}</text>`,
    `<text transform="translate(16 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">${escaped(y)}</text>`,
    ...horizontal.ticks.flatMap((value) => [
      line(horizontal.at(value), TOP, horizontal.at(value), HEIGHT - BOTTOM, GRID),
      `<text x="${px(horizontal.at(value))}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${tickText(value)}</text>`,
    ]),
    ...vertical.ticks.flatMap((value) => [
      line(LEFT, vertical.at(value), WIDTH - RIGHT, vertical.at(value), GRID),
      `<text x="${LEFT - 6}" y="${px(vertical.at(value) + 4)}" text-anchor="end">${tickText(value)}</text>`,
    ]),
    ...series.flatMap(({ name, points }, number) => {
      const colour = seriesColour(number);
      const dots = points.map((point) => [px(horizontal.at(point.x)), px(vertical.at(point.y))] as const);
      return [
        `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${dots.map((dot) => dot.join(',')).join(' ')}"/>`,
        ...(marked ? dots : []).map(
          ([cx, cy], k) =>
            `<circle cx="${cx}" cy="${cy}" r="4" fill="${colour}"><title>${escaped(points[k].label ?? `${name}: ${points[k].x}, ${points[k].y}`)}</title></circle>`,
        ),
        `<text x="${px(places[number][0])}" y="${px(places[number][1])}" fill="${colour}">${escaped(name)}</text>`,
      ];
    }),
  ];
  return svg(WIDTH, HEIGHT, parts);
}

/** A drawing in a page: text in the page's colour, colours by the page's scheme (see `htmlPage`). */
export const svg = (width: number, height: number, parts: readonly string[]): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12" fill="currentColor">\n${parts.join('\n')}\n</svg>`;

/** The colour of the n-th series. */
export const seriesColour = (number: number): string => `var(--series-${number % COLOURS})`;

/** Places for names, those that would lie over an earlier one moved down. */
function apart(wanted: readonly (readonly [x: number, y: number])[]): readonly (readonly [x: number, y: number])[] {
  const placed = new Map<number, readonly [x: number, y: number]>();
  const order = wanted.map((_, number) => number).toSorted((a, b) => wanted[a][1] - wanted[b][1]);
  for (const number of order) {
    const [x] = wanted[number];
    let [, y] = wanted[number];
    for (const [otherX, otherY] of [...placed.values()].toSorted((a, b) => a[1] - b[1]))
      if (Math.abs(otherX - x) < NAME_WIDTH && Math.abs(otherY - y) < NAME_HEIGHT) y = otherY + NAME_HEIGHT;
    placed.set(number, [x, y]);
  }
  return wanted.map((_, number) => placed.get(number)!);
}

const [NAME_WIDTH, NAME_HEIGHT] = [110, 13];

export const GRID = 'var(--grid)';
export const px = (value: number): string => value.toFixed(1);
export const line = (x1: number, y1: number, x2: number, y2: number, colour: string): string =>
  `<line x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}" stroke="${colour}"/>`;
