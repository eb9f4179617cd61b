import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z, type Environment } from '@tandem-rec/contract';

const lineSchema = z.object({ key: z.string(), answer: z.string() });

/** One exchange as it is recorded: the key decides, the rest is for whoever reads it. */
export interface RecordedExchange {
  readonly key: string;
  readonly model: string;
  readonly prompt: string;
  readonly question: unknown;
  readonly answer: string;
}

/** Exchanges with hosted models, one JSON object a line, so that a run can be repeated without them. */
export class ExchangeFile {
  readonly path: string;
  readonly #answers = new Map<string, string>();
  #torn = false;

  constructor(path: string, { log }: Environment) {
    this.path = path;
    if (!existsSync(path)) return;
    const text = readFileSync(path, 'utf8');
    this.#torn = text !== '' && !text.endsWith('\n');
    for (const [i, line] of text.split('\n').entries()) {
      if (line.trim() === '') continue;
      const read = lineSchema.safeParse(parsed(line));
      if (read.success) this.#answers.set(read.data.key, read.data.answer);
      else log.warn('A line of the recorded exchanges is unreadable and left out', { path, line: i + 1 });
    }
  }

  get size(): number {
    return this.#answers.size;
  }

  answer(key: string): string | undefined {
    return this.#answers.get(key);
  }

  /** Throws what the file system throws. */
  record(exchange: RecordedExchange): void {
    if (this.#answers.has(exchange.key)) return;
    mkdirSync(dirname(this.path), { recursive: true });
    appendFileSync(this.path, `${this.#torn ? '\n' : ''}${JSON.stringify(exchange)}\n`);
    this.#torn = false;
    this.#answers.set(exchange.key, exchange.answer);
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
