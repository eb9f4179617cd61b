/** A page of tables and drawings in one file that loads nothing; readable in a light and a dark scheme. */
export const htmlPage = (title: string, parts: readonly string[]): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>
:root {
  color-scheme: light dark;
  --grid: light-dark(#dddddd, #444444); --failing: light-dark(#fdecec, #4a1f22); --bad: light-dark(#b00020, #ff8a8a); --good: light-dark(#1b6e20, #7fd98a);
  --series-0: light-dark(#0b6e99, #5bc0eb); --series-1: light-dark(#c4552d, #ff9a6b); --series-2: light-dark(#4f7a28, #a4d65e); --series-3: light-dark(#7d4fa0, #c79bea);
  --series-4: light-dark(#8a6d1c, #e0c25a); --series-5: light-dark(#444444, #cccccc); --series-6: light-dark(#a0306a, #f28bc0); --series-7: light-dark(#1a7f6b, #5fd6c0);
}
body { font: 14px/1.4 sans-serif; margin: 2em; background: light-dark(#ffffff, #16181a); color: light-dark(#1c1c1c, #e8e8e8); }
table { border-collapse: collapse; margin-bottom: 1em; }
th { vertical-align: bottom; }
td, th { padding: 2px 8px; white-space: nowrap; border-bottom: 1px solid var(--grid); text-align: right; }
td:first-child, th:first-child { text-align: left; }
tr.failing { background: var(--failing); }
td.failing, li.failing { color: var(--bad); font-weight: bold; }
td.ok { color: var(--good); }
.scroll { overflow-x: auto; }
svg { max-width: 100%; height: auto; }
</style>
<h1>${escaped(title)}</h1>
${parts.filter((part) => part !== '').join('\n')}
</html>
`;

/** A table of a report, for people: in every form the same cells. */
export interface ReportTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What the table does not say itself. */
  readonly remarks?: readonly string[];
}

/** How a cell stands out; a row with a failing cell does, too. */
export type CellStyle = 'ok' | 'failing' | undefined;

/** Under a heading of its own, unless its title is empty; wide tables scroll. */
export function htmlTable(
  { title, head, rows, remarks = [] }: ReportTable,
  styleOf: (text: string) => CellStyle = () => undefined,
): string {
  const cell = (text: string): string => {
    const style = styleOf(text);
    return `<td${style ? ` class="${style}"` : ''}>${escaped(text)}</td>`;
  };
  const line = (texts: readonly string[]): string =>
    `<tr${texts.some((text) => styleOf(text) === 'failing') ? ' class="failing"' : ''}>${texts.map(cell).join('')}</tr>`;
  const top = `<thead><tr>${head.map((text) => `<th scope="col">${escaped(text)}</th>`).join('')}</tr></thead>`;
  const body = `<tbody>${rows.map(line).join('\n')}</tbody>`;
  const notes = remarks.map((one) => `\n<p>${escaped(one)}</p>`).join('');
  const heading = title === '' ? '' : `<h2>${escaped(title)}</h2>\n`;
  return `${heading}<div class="scroll"><table>${top}\n${body}</table></div>${notes}`;
}

/** Text for HTML and SVG. */
export const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`);
