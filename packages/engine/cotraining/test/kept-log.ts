import type { Logger } from '@tandem-rec/contract';

/** A log that keeps its lines, with their facts. */
export class KeptLog implements Logger {
  readonly lines: string[] = [];
  readonly facts: Readonly<Record<string, unknown>>[] = [];

  debug = this.#keep('debug');
  info = this.#keep('info');
  warn = this.#keep('warn');
  error = this.#keep('error');

  #keep(level: keyof Logger): Logger['info'] {
    return (message, facts = {}) => {
      this.lines.push(`${level}: ${message}`);
      this.facts.push(facts);
    };
  }
}
