import { writeFile } from 'node:fs/promises';
import { TandemError } from '@tandem-rec/contract';

/**
 * Where a command speaks. Results for people go to `say`, live progress to `progress`; with `--json -` standard output
 * belongs to the JSON alone and everything for people goes to standard error.
 */
export class Terminal {
  /** Progress is redrawn in place on a terminal, and left out elsewhere. */
  readonly live: boolean;
  readonly #people: NodeJS.WriteStream;
  readonly #json: string | undefined;
  #drawn = 0;

  constructor(json?: string) {
    this.#json = json;
    this.#people = json === '-' ? process.stderr : process.stdout;
    this.live = process.stderr.isTTY === true;
  }

  /** A line, or several, for people. */
  say(text: string): void {
    this.#clear();
    this.#people.write(`${text}\n`);
  }

  /** A line that is not a result: what is being done, warnings. */
  note(text: string): void {
    this.#clear();
    process.stderr.write(`${text}\n`);
  }

  /** Redraws the lines of progress on a terminal; elsewhere nothing. */
  progress(lines: readonly string[]): void {
    if (!this.live) return;
    const width = process.stderr.columns ?? 80;
    this.#clear();
    process.stderr.write(lines.map((line) => `${line.slice(0, width - 1)}\n`).join(''));
    this.#drawn = lines.length;
  }

  /** Progress that comes by the minute: redrawn on a terminal, elsewhere lines like any other. */
  milestone(lines: readonly string[]): void {
    if (this.live) this.progress(lines);
    else for (const line of lines) this.note(line);
  }

  /** Writes the result where `--json` says, if it was asked for. Throws `TANDEM_CLI_USAGE` if the file cannot be written. */
  async json(value: unknown): Promise<void> {
    if (this.#json === undefined) return;
    const text = `${JSON.stringify(value, undefined, 2)}\n`;
    if (this.#json === '-') process.stdout.write(text);
    else
      await writeFile(this.#json, text).catch((error: Error) => {
        throw new TandemError('TANDEM_CLI_USAGE', `--json ${this.#json}: ${error.message}`);
      });
  }

  #clear(): void {
    if (this.#drawn > 0) process.stderr.write(`\x1b[${this.#drawn}A\x1b[0J`);
    this.#drawn = 0;
  }
}
