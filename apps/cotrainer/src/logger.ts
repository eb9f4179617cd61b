import type { Logger } from '@tandem-rec/contract';
import { plainData } from './plain-data.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** One line of the log. */
export interface LogLine {
  readonly level: Exclude<LogLevel, 'silent'>;
  /** The component that speaks. */
  readonly name: string;
  readonly message: string;
  readonly facts?: Readonly<Record<string, unknown>>;
}

/** A logger for one component that hands lines of at least `level` to `write`, with facts that can cross threads. */
export function loggerOf(name: string, level: LogLevel, write: (line: LogLine) => void): Logger {
  const from = LOG_LEVELS.indexOf(level);
  const say = (at: LogLine['level']): Logger['info'] => {
    if (LOG_LEVELS.indexOf(at) < from) return () => {};
    return (message, facts) => write({ level: at, name, message, ...(facts && { facts: plainData(facts) }) });
  };
  return { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
}

/** A line for people: `warn  kafka: The broker is away. {"attempt":3}`. */
export function lineText({ level, name, message, facts }: LogLine): string {
  return `${level.padEnd(5)} ${name}: ${message}${facts && Object.keys(facts).length > 0 ? ` ${JSON.stringify(facts)}` : ''}`;
}
