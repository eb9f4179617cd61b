import {
  TandemError,
  type Composition,
  type DefinitionOf,
  type InteractionSink,
  type Part,
  type PluginKind,
  type Rng,
} from '@tandem-rec/contract';
import { Container } from 'inversify';
import { environmentOf, type Host } from './host.ts';
import { partModule, type Create } from './part-module.ts';
import { Interrupted, TimeIsUp, within } from './within.ts';

/** What the parts of each kind are instances of. */
export type InstanceOf<K extends PluginKind> = Awaited<ReturnType<DefinitionOf<K>['create']>>;

/** A part that has been started. */
export interface Started<P extends Part = Part, T = InstanceOf<P['kind']>> {
  readonly part: P;
  readonly instance: T;
  /** The random stream that the part was given, for checkpoints. */
  readonly rng: Rng;
  /** Milliseconds that its start took. */
  readonly ms: number;
  /**
   * Closes it within `limits.stopMs`. Never rejects: answers what went wrong, `TANDEM_STOP_TIMEOUT` or
   * `TANDEM_STOP_FAILED`. Later calls answer the same.
   */
  stop(): Promise<TandemError | undefined>;
}

/** The settings of a composition that starting needs. */
export type Frame = Pick<Composition, 'folder' | 'limits'>;

/**
 * Creates one part, within `limits.startMs`.
 *
 * Throws `TANDEM_START_TIMEOUT` (the part's signal is then aborted), `TANDEM_START_FAILED` naming part, plugin and hook,
 * or the plugin's own `TandemError` unchanged.
 */
export async function startPart<P extends Part>(
  part: P,
  frame: Frame,
  host: Host,
  container: Container = newContainer(),
): Promise<Started<P>> {
  const definition: DefinitionOf<PluginKind> = part.definition;
  return startBy('create', definition.create as Create<InstanceOf<P['kind']>>, part, frame, host, container);
}

/** The writing end of a source. Throws as `startPart` does, and `TANDEM_SOURCE_READ_ONLY` if the source has none. */
export async function startSink(
  part: Part<'interaction-source'>,
  frame: Frame,
  host: Host,
): Promise<Started<Part<'interaction-source'>, InteractionSink>> {
  const { createSink } = part.definition;
  if (createSink === undefined)
    throw new TandemError('TANDEM_SOURCE_READ_ONLY', `Source "${part.name}" (${part.id}) cannot be written.`, {
      details: { name: part.name, plugin: part.id },
    });
  return startBy('createSink', createSink as Create<InteractionSink>, part, frame, host, newContainer());
}

async function startBy<P extends Part, T>(
  hook: 'create' | 'createSink',
  create: Create<T>,
  part: P,
  frame: Frame,
  host: Host,
  container: Container,
): Promise<Started<P, T>> {
  const { startMs, stopMs, threads } = frame.limits;
  const control = new AbortController();
  const startedMs = host.clock.monotonicMs();
  const environment = environmentOf(
    part.name,
    host,
    { folder: frame.folder, threads },
    AbortSignal.any([host.signal, control.signal]),
  );
  const facts = { name: part.name, kind: part.kind, plugin: part.id, hook };

  const { module, key } = partModule(part, create, environment);
  container.load(module);
  // Not `getAsync` alone: a `create` that throws at once must fail in the same way as one that rejects.
  const creating = Promise.resolve().then(() => container.getAsync(key));

  let instance: T;
  try {
    instance = await within(startMs, host.clock, creating, host.signal);
  } catch (error) {
    control.abort(new TandemError('TANDEM_START_TIMEOUT', `${title(part)} is not wanted any more.`));
    // Should it come after all, nobody is there to take it.
    if (error instanceof TimeIsUp || error instanceof Interrupted) creating.then(close).catch(() => undefined);
    if (error instanceof TimeIsUp) {
      throw new TandemError('TANDEM_START_TIMEOUT', `${title(part)} did not start within ${startMs} ms.`, {
        details: { ...facts, limitMs: startMs },
      });
    }
    if (TandemError.is(error)) throw error;
    throw new TandemError('TANDEM_START_FAILED', `${title(part)} failed in ${hook}: ${messageOf(error)}`, {
      cause: error,
      details: facts,
    });
  }

  let stopped: Promise<TandemError | undefined> | undefined;
  const stop = async (): Promise<TandemError | undefined> => {
    try {
      await within(
        stopMs,
        host.clock,
        Promise.resolve().then(() => close(instance)),
      );
      return undefined;
    } catch (error) {
      if (error instanceof TimeIsUp)
        return new TandemError('TANDEM_STOP_TIMEOUT', `${title(part)} did not stop within ${stopMs} ms.`, {
          details: { ...facts, hook: 'close', limitMs: stopMs },
        });
      return TandemError.is(error)
        ? error
        : new TandemError('TANDEM_STOP_FAILED', `${title(part)} failed in close: ${messageOf(error)}`, {
            cause: error,
            details: { ...facts, hook: 'close' },
          });
    } finally {
      control.abort();
    }
  };
  return {
    part,
    instance,
    rng: environment.rng,
    ms: host.clock.monotonicMs() - startedMs,
    stop: () => (stopped ??= stop()),
  };
}

export const newContainer = (): Container => new Container({ defaultScope: 'Singleton' });

const title = (part: Part): string => `The ${part.kind} "${part.name}" (${part.id})`;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function close(instance: unknown): Promise<void> {
  await (instance as { close?(): void | Promise<void> } | null | undefined)?.close?.();
}
