import { describe, expect, it } from 'vitest';

import { chart } from './chart.ts';
import { htmlPage, htmlTable } from './html-page.ts';
import { intervalsChart } from './intervals-chart.ts';
import { around, linear } from './scale.ts';

describe('a page', () => {
  it('loads nothing, escapes, and has colours for light and dark', () => {
    const table = htmlTable({ title: 'A & B', head: ['', 'x'], rows: [['<b>', 'bad']] }, (text) =>
      text === 'bad' ? 'failing' : undefined,
    );
    const page = htmlPage('<i>', [
      table,
      chart({ title: '<u>', x: 'x', y: 'y' }, [{ name: 'n', points: [{ x: 1, y: 1 }] }]),
    ]);
    expect(page).not.toMatch(/(src|href|@import|url\()/);
    expect(page).not.toMatch(/<b>|<i>|<u>/);
    expect(page).toContain('<tr class="failing"><td>&#60;b&#62;</td><td class="failing">bad</td></tr>');
    // Every colour that a drawing names is defined for both schemes.
    for (const [, name] of page.matchAll(/var\((--[\w-]+)\)/g)) expect(page).toContain(`${name}: light-dark(`);
  });
});

describe('axes', () => {
  it('hold their values between round ticks', () => {
    for (const values of [[0.0512, 0.0587], [-3.2, 11], [5], [0], [1e-5, 2e-5]]) {
      const { at, ticks } = around(values, 0, 100);
      for (const value of values) {
        expect(at(value)).toBeGreaterThanOrEqual(-1e-9);
        expect(at(value)).toBeLessThanOrEqual(100 + 1e-9);
      }
      expect(at(ticks[0])).toBeCloseTo(0);
      expect(at(ticks.at(-1)!)).toBeCloseTo(100);
      expect(ticks.length).toBeLessThan(10);
    }
    expect(linear([3], 0, 1).ticks[0]).toBe(0);
  });
});

it('intervals are drawn from end to end, full where sure', () => {
  const mark = { name: 'domain', value: 5, interval: [0, 10], group: 0 } as const;
  const drawn = intervalsChart({ title: 't', x: 'gain' }, [
    { ...mark, sure: true },
    { ...mark, interval: [-10, 10], sure: false },
  ]);
  const lines = [
    ...drawn.matchAll(/<line x1="([\d.]+)" y1="[\d.]+" x2="([\d.]+)" y2="[\d.]+" stroke="var\(--series-0/g),
  ];
  const [short, long] = lines.map(([, from, to]) => Number(to) - Number(from));
  expect(long).toBeCloseTo(2 * short, 0);
  expect(drawn).toContain('domain: 5.0 [-10.0, 10.0]');
  expect(drawn.match(/fill="none"/g)).toHaveLength(1);
});

it('a chart puts powers of ten at even distances', () => {
  const svg = chart({ title: 't', x: 'x', y: 'y' }, [
    { name: 's', points: [1, 10, 100].map((value) => ({ x: value, y: value })) },
  ]);
  const [, points] = /points="([^"]*)"/.exec(svg)!;
  const [a, b, c] = points.split(' ').map((pair) => pair.split(',').map(Number));
  expect(b[0] - a[0]).toBeCloseTo(c[0] - b[0], 0);
  expect(a[1] - b[1]).toBeCloseTo(b[1] - c[1], 0);
  expect(a[1]).toBeGreaterThan(c[1]);
});

it('a chart keeps names beside their points apart', () => {
  const names = Array.from({ length: 12 }, (_, k) => ({ name: `n${k}`, points: [{ x: 2, y: 0.03 + k * 1e-4 }] }));
  const svg = chart({ title: 't', x: 'x', y: 'y' }, names, { vertical: 'linear', names: 'beside' });
  const heights = [...svg.matchAll(/y="([\d.]+)"[^>]*>n\d+</g)].map(([, y]) => Number(y)).toSorted((a, b) => a - b);
  expect(heights).toHaveLength(12);
  heights.slice(1).forEach((y, k) => expect(y - heights[k]).toBeGreaterThan(12));
  expect(svg).toContain('>0.02</text>');
});
