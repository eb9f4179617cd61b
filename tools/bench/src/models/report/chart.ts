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

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [720, 420, 70, 150, 40, 50];
const COLOURS = ['#0b6e99', '#c4552d', '#4f7a28', '#7d4fa0', '#8a6d1c', '#444444'];

/** A chart with logarithmic axes as SVG, each series a line through its points. */
export function logChart({ title, x, y }: ChartText, series: readonly Series[]): string {
  const all = series.flatMap(({ points }) => points);
  const horizontal = scale(
    all.map((point) => point.x),
    LEFT,
    WIDTH - RIGHT,
  );
  const vertical = scale(
    all.map((point) => point.y),
    HEIGHT - BOTTOM,
    TOP,
  );
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
      const places = points.map((point) => [px(horizontal.at(point.x)), px(vertical.at(point.y))] as const);
      return [
        `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${places.map((place) => place.join(',')).join(' ')}"/>`,
        ...places.map(
          ([cx, cy], k) =>
            `<circle cx="${cx}" cy="${cy}" r="4" fill="${colour}"><title>${escaped(points[k].label ?? `${name}: ${points[k].x}, ${points[k].y}`)}</title></circle>`,
        ),
        `<text x="${WIDTH - RIGHT + 12}" y="${TOP + 18 * number + 10}" fill="${colour}">${escaped(name)}</text>`,
      ];
    }),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="12">\n${parts.join('\n')}\n</svg>`;
}

/** Text for HTML and SVG. */
export const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`);

/** Powers of ten around the values, spread from one place to another. */
function scale(values: readonly number[], from: number, to: number) {
  const low = Math.floor(Math.log10(Math.min(...values)) + 1e-9);
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values)) - 1e-9));
  return {
    at: (value: number): number => from + ((Math.log10(value) - low) / (high - low)) * (to - from),
    ticks: Array.from({ length: high - low + 1 }, (_, k) => 10 ** (low + k)),
  };
}

const px = (value: number): string => value.toFixed(1);
const line = (x1: number, y1: number, x2: number, y2: number, colour: string): string =>
  `<line x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}" stroke="${colour}"/>`;
const tick = (value: number): string => (value >= 0.01 && value < 1000 ? String(value) : value.toExponential(0));
