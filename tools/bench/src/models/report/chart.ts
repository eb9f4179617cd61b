/** Points of one name, in data's units, positive. */
export interface Series {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number; readonly label?: string }[];
}

interface ChartText {
  readonly title: string;
  readonly x: string;
  readonly y: string;
}

interface ChartOptions {
  /** Of the vertical axis; the horizontal one is logarithmic. Default `log`. */
  readonly vertical?: 'log' | 'linear';
  /** Where names stand: in a list, or each beside its last point. Default `list`. */
  readonly names?: 'list' | 'beside';
}

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [720, 420, 70, 150, 40, 50];
const COLOURS = ['#0b6e99', '#c4552d', '#4f7a28', '#7d4fa0', '#8a6d1c', '#444444', '#a0306a', '#1a7f6b'];

/** A chart as SVG, each series a line through its points. */
export function chart(
  { title, x, y }: ChartText,
  series: readonly Series[],
  { vertical: kind = 'log', names = 'list' }: ChartOptions = {},
): string {
  const all = series.flatMap(({ points }) => points);
  const horizontal = logarithmic(
    all.map((point) => point.x),
    LEFT,
    WIDTH - RIGHT,
  );
  const vertical = (kind === 'log' ? logarithmic : linear)(
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
      line(horizontal.at(value), TOP, horizontal.at(value), HEIGHT - BOTTOM, '#dddddd'),
      `<text x="${px(horizontal.at(value))}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${tick(value)}</text>`,
    ]),
    ...vertical.ticks.flatMap((value) => [
      line(LEFT, vertical.at(value), WIDTH - RIGHT, vertical.at(value), '#dddddd'),
      `<text x="${LEFT - 6}" y="${px(vertical.at(value) + 4)}" text-anchor="end">${tick(value)}</text>`,
    ]),
    ...series.flatMap(({ name, points }, number) => {
      const colour = COLOURS[number % COLOURS.length];
      const dots = points.map((point) => [px(horizontal.at(point.x)), px(vertical.at(point.y))] as const);
      return [
        `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${dots.map((dot) => dot.join(',')).join(' ')}"/>`,
        ...dots.map(
          ([cx, cy], k) =>
            `<circle cx="${cx}" cy="${cy}" r="4" fill="${colour}"><title>${escaped(points[k].label ?? `${name}: ${points[k].x}, ${points[k].y}`)}</title></circle>`,
        ),
        `<text x="${px(places[number][0])}" y="${px(places[number][1])}" fill="${colour}">${escaped(name)}</text>`,
      ];
    }),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="12">\n${parts.join('\n')}\n</svg>`;
}

/** Text for HTML and SVG. */
export const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`);

interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

/** Powers of ten around the values, spread from one place to another. */
function logarithmic(values: readonly number[], from: number, to: number): Scale {
  const low = Math.floor(Math.log10(Math.min(...values)) + 1e-9);
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values)) - 1e-9));
  return {
    at: (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from),
    ticks: Array.from({ length: high - low + 1 }, (_, k) => 10 ** (low + k)),
  };
}

/** From nought to beyond the largest value in round steps. */
function linear(values: readonly number[], from: number, to: number): Scale {
  const most = Math.max(...values);
  const unit = 10 ** Math.floor(Math.log10(most));
  const step = [0.2, 0.5, 1, 2].map((part) => part * unit).find((size) => most / size <= 6) ?? 2 * unit;
  const count = Math.max(1, Math.ceil(most / step));
  return {
    at: (value) => from + (value / (count * step)) * (to - from),
    ticks: Array.from({ length: count + 1 }, (_, k) => Number((k * step).toPrecision(6))),
  };
}

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

const px = (value: number): string => value.toFixed(1);
const line = (x1: number, y1: number, x2: number, y2: number, colour: string): string =>
  `<line x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}" stroke="${colour}"/>`;
const tick = (value: number): string =>
  value === 0 || (value >= 0.001 && value < 1000) ? String(value) : value.toExponential().replace('e+', 'e');
