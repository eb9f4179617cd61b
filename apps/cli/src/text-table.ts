/** Columns aligned for people: the first to the left, the others to the right. */
export function textTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string =>
    widths
      .map((width, column) => (column === 0 ? (row[column] ?? '').padEnd(width) : (row[column] ?? '').padStart(width)))
      .join('  ')
      .trimEnd();
  return [line(head), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

/** A metric as the field prints it: `.1024`. */
export const metric = (value: number): string => value.toFixed(4).replace(/^(-?)0/, '$1');

/** A relative change: `+4.0 %`. */
export const percent = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value * 100).toFixed(1)} %`;

/** A count with thin groups: `12,345`. */
export const integer = (value: number): string => Math.round(value).toLocaleString('en-US');
