import { writeFile } from 'node:fs/promises';

/** The table for people, and the numbers where `--json` says: with - the table goes to standard error. */
export async function printReport(report: object, text: string, json: string | undefined): Promise<void> {
  (json === '-' ? console.error : console.log)(text);
  if (json === '-') process.stdout.write(numbersText(report));
  else if (json !== undefined) await writeFile(json, numbersText(report));
}

export const numbersText = (report: object): string => `${JSON.stringify(report, undefined, 2)}\n`;
