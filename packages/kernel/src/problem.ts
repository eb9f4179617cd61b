import { TandemError, type ErrorCode } from '@tandem-rec/contract';
import { renderPath, type Path } from './path.ts';

/** Where something stands: a position in a file, or the override that set it. */
export interface Position {
  readonly file?: string;
  /** 1-based. */
  readonly line?: number;
  /** 1-based. */
  readonly col?: number;
  /** The environment variable or command-line setting, for example `--set training.replay`. */
  readonly override?: string;
}

/** One thing that is wrong with a configuration. */
export interface Problem extends Position {
  readonly code: ErrorCode;
  /** For example `domain[0].options.dim`. */
  readonly path: string;
  /** A sentence that stands alone. */
  readonly message: string;
  /** What was met, as plain data; secrets are left out. */
  readonly received?: unknown;
  /** What may stand there, in words. */
  readonly allowed?: string;
  /** The allowed name that comes nearest to the one received. */
  readonly nearest?: string;
  /** Id of the plugin that is concerned. */
  readonly plugin?: string;
}

/** Gathers problems, each with its place. */
export class Problems {
  readonly #found: Problem[] = [];
  readonly #locate: (path: Path, what: 'key' | 'value') => Position;

  constructor(locate: (path: Path, what: 'key' | 'value') => Position) {
    this.#locate = locate;
  }

  get found(): readonly Problem[] {
    return this.#found;
  }

  add(path: Path, problem: Omit<Problem, 'path' | keyof Position>, what: 'key' | 'value' = 'value'): void {
    this.#found.push({ ...problem, path: renderPath(path), ...this.#locate(path, what) });
  }

  /** Throws `TANDEM_CONFIG_INVALID` with all that was found, if anything was. */
  throwIfAny(file: string | undefined): void {
    if (this.#found.length === 0) return;
    const head = `${file ?? 'The configuration'} has ${this.#found.length === 1 ? 'an error' : `${this.#found.length} errors`}:`;
    throw new TandemError('TANDEM_CONFIG_INVALID', [head, ...this.#found.map(render)].join('\n'), {
      details: { problems: this.#found },
    });
  }
}

/** `file:line:col`, or the override. */
export function renderPosition({ file, line, col, override }: Position): string {
  if (override !== undefined) return override;
  return [file, line, col].filter((part) => part !== undefined).join(':');
}

function render(problem: Problem): string {
  const place = renderPosition(problem);
  const where = [problem.path, place && `(${place})`].filter(Boolean).join(' ');
  const hints = [
    problem.nearest && `Did you mean "${problem.nearest}"?`,
    problem.allowed && `Allowed: ${problem.allowed}.`,
  ]
    .filter(Boolean)
    .join(' ');
  return [`  ${where}`, `    ${problem.message}`, hints && `    ${hints}`, `    ${problem.code}`]
    .filter(Boolean)
    .join('\n');
}
