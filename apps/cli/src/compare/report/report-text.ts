import { textTable } from '../../text-table.ts';
import type { Compared } from '../compared.ts';
import { reportTables } from './report-tables.ts';
import { leakText } from './leak-text.ts';
import { verdicts } from './verdicts.ts';

/** A comparison for people, on a terminal. */
export const reportText = (compared: Compared): string =>
  [
    ...reportTables(compared).map(
      ({ title, head, rows, remarks = [] }) =>
        `${title}\n\n${textTable(head, rows)}\n${remarks.map((one) => `\n${one}`).join('')}`,
    ),
    ...(compared.leaks.length > 0 ? [`Leaks looked for\n\n${leakText(compared.leaks)}`] : []),
    verdicts(compared).join('\n'),
  ].join('\n\n');
