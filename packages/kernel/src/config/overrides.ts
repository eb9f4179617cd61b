import { TandemError } from '@tandem-rec/contract';
import { parse } from 'yaml';
import { renderPath, type Path } from '../path.ts';
import { isPlainObject } from '../plain.ts';

/** One value laid over the file. */
export interface Override {
  /** As its author wrote it, for messages: `--set training.replay` or the variable's name. */
  readonly name: string;
  readonly path: Path;
  readonly value: unknown;
}

const PREFIX = 'TANDEM__';

/**
 * `TANDEM__TRAINING__BATCH__EVENTS=128` sets `training.batch.events`: two underscores go a level down, one joins words
 * (`REPLAY_WINDOW` is `replayWindow`). A key that is there already is met in any spelling.
 */
export function overridesFromEnvironment(env: Readonly<Record<string, string | undefined>>): Override[] {
  return Object.keys(env)
    .filter((name) => name.startsWith(PREFIX))
    .sort()
    .map((name) => ({
      name,
      path: name.slice(PREFIX.length).split('__').map(camelCase),
      value: parseValue(env[name] ?? ''),
    }));
}

/** `training.replay=1`, `domain[0].options.dim=32`; values are YAML. Throws `TANDEM_CLI_USAGE` for anything else. */
export function overridesFromSettings(settings: readonly string[]): Override[] {
  return settings.map((setting) => {
    const equals = setting.indexOf('=');
    const key = setting.slice(0, equals);
    const path = key
      .replaceAll(/\[(\d+)\]/g, '.$1')
      .split('.')
      .map((step) => (/^\d+$/.test(step) ? Number(step) : step));
    if (equals < 1 || path.includes('')) {
      throw new TandemError(
        'TANDEM_CLI_USAGE',
        `"${setting}" is not a setting: write path=value, for example training.replay=1.`,
        { details: { received: setting } },
      );
    }
    return { name: `--set ${key}`, path, value: parseValue(setting.slice(equals + 1)) };
  });
}

/** Lays overrides over a configuration, later ones over earlier ones, and says where each of them went. */
export function applyOverrides(
  root: unknown,
  overrides: readonly Override[],
): { readonly value: unknown; readonly places: ReadonlyMap<string, string> } {
  const places = new Map<string, string>();
  let value = root;
  for (const override of overrides) {
    const went: (string | number)[] = [];
    value = setAt(value, override.path, override.value, went);
    places.set(renderPath(went), override.name);
  }
  return { value, places };
}

function setAt(container: unknown, path: Path, value: unknown, went: (string | number)[]): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (Array.isArray(container)) {
    const at = Number(step);
    if (!Number.isInteger(at) || at < 0 || at > container.length) return setAt({}, path, value, went);
    went.push(at);
    const copy: unknown[] = [...(container as unknown[])];
    copy[at] = setAt(copy[at], rest, value, went);
    return copy;
  }
  // A plugin without options may be written as its name alone.
  const object: Readonly<Record<string, unknown>> =
    typeof container === 'string' && went.length > 0 && (step === 'options' || step === 'as')
      ? { use: container }
      : isPlainObject(container)
        ? container
        : {};
  const key = Object.keys(object).find((present) => plain(present) === plain(String(step))) ?? String(step);
  went.push(key);
  return { ...object, [key]: setAt(object[key], rest, value, went) };
}

const plain = (name: string): string => name.replaceAll(/[_-]/g, '').toLowerCase();

const camelCase = (segment: string): string | number =>
  /^\d+$/.test(segment)
    ? Number(segment)
    : segment.toLowerCase().replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());

function parseValue(text: string): unknown {
  try {
    return parse(text) as unknown;
  } catch {
    return text;
  }
}
