import type { Composition, Part, ParticipantPart, PluginKind, Rng, TandemError } from '@tandem-rec/contract';
import type { Host } from './host.ts';
import { newContainer, startPart, type Started } from './start-part.ts';

/** The places of a composition, in the order in which they are started: what others read first, what brings work last. */
export const PLACES = ['store', 'catalogue', 'dataset', 'participants', 'sharing', 'fusions', 'source'] as const;
export type Place = (typeof PLACES)[number];

/** One line of `tandem inspect`. */
export interface StartedNode {
  readonly place: Place;
  readonly name: string;
  readonly kind: PluginKind;
  readonly id: string;
  /** Milliseconds that its start took. */
  readonly ms: number;
}

/** A composition that runs: every part that was asked for, created. The engine introduces them to each other. */
export interface Assembly {
  readonly composition: Composition;
  /** By name, in the order of the composition. */
  readonly participants: ReadonlyMap<string, Started<ParticipantPart>>;
  readonly sharing: Started<Part<'sharing-strategy'>> | undefined;
  /** In the order of the composition: the first one serves. */
  readonly fusions: readonly Started<Part<'fusion'>>[];
  readonly source: Started<Part<'interaction-source'>> | undefined;
  readonly store: Started<Part<'checkpoint-store'>> | undefined;
  readonly dataset: Started<Part<'dataset-reader'>> | undefined;
  readonly catalogue: Started<Part<'dataset-reader'>> | undefined;
  /** The random streams of the parts with state (participants, sharing, fusions), by name: they belong in the checkpoint. */
  readonly rngs: ReadonlyMap<string, Rng>;
  /** What was started, in this order. */
  tree(): readonly StartedNode[];
  /**
   * Stops all parts in reverse order, each within `limits.stopMs`; one that fails does not keep the others. Never rejects:
   * answers what went wrong. Later calls answer the same.
   */
  stop(): Promise<readonly TandemError[]>;
}

/**
 * Starts a composition, one part after the other, each within `limits.startMs`. If one fails, those that were started
 * are stopped, and its error is thrown: `TANDEM_START_TIMEOUT`, `TANDEM_START_FAILED` or the plugin's own `TandemError`.
 *
 * @param only Places to start. Default: all that the composition fills.
 */
export async function start(composition: Composition, host: Host, only: readonly Place[] = PLACES): Promise<Assembly> {
  const container = newContainer();
  const started: { readonly place: Place; readonly part: Started }[] = [];

  const stopAll = async (): Promise<readonly TandemError[]> => {
    const failures: TandemError[] = [];
    for (const { part } of [...started].reverse()) {
      const failure = await part.stop();
      if (failure !== undefined) {
        host.log(part.part.name).error(failure.message, { code: failure.code });
        failures.push(failure);
      }
    }
    return failures;
  };

  const startAt = async <P extends Part>(place: Place, part: P | undefined): Promise<Started<P> | undefined> => {
    if (part === undefined || !only.includes(place)) return undefined;
    const running = await startPart(part, composition, host, container);
    started.push({ place, part: running as unknown as Started });
    return running;
  };
  const startEach = async <P extends Part>(place: Place, parts: readonly P[]): Promise<readonly Started<P>[]> => {
    const running: Started<P>[] = [];
    for (const part of parts) {
      const one = await startAt(place, part);
      if (one !== undefined) running.push(one);
    }
    return running;
  };

  try {
    const store = await startAt('store', composition.store);
    const catalogue = await startAt('catalogue', composition.catalogue);
    const dataset = await startAt('dataset', composition.dataset);
    const participants = await startEach('participants', composition.participants);
    const sharing = await startAt('sharing', composition.sharing);
    const fusions = await startEach('fusions', composition.fusions);
    const source = await startAt('source', composition.source);

    const stateful: readonly Pick<Started, 'part' | 'rng'>[] = [
      ...participants,
      ...(sharing ? [sharing] : []),
      ...fusions,
    ];
    let stopped: Promise<readonly TandemError[]> | undefined;
    return {
      composition,
      participants: new Map(participants.map((one) => [one.part.name, one])),
      sharing,
      fusions,
      source,
      store,
      dataset,
      catalogue,
      rngs: new Map(stateful.map((one) => [one.part.name, one.rng])),
      tree: () =>
        started.map(({ place, part: { part, ms } }) => ({ place, name: part.name, kind: part.kind, id: part.id, ms })),
      stop: () => (stopped ??= stopAll()),
    };
  } catch (error) {
    await stopAll();
    throw error;
  }
}
