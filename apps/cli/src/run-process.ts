import { TandemError, type Composition } from '@tandem-rec/contract';
import {
  composeVariant,
  controlPath,
  createHost,
  lineText,
  serveControl,
  TrainingThread,
  type CompositionRequest,
  type LogLevel,
  type LogLine,
  type TrainingRequest,
} from '@tandem-rec/cotrainer';
import { start } from '@tandem-rec/kernel';
import type { Recommendations, RecommendRequest } from '@tandem-rec/serving';
import type { Terminal } from './terminal.ts';

/** A run of this process: its source in the main thread, its training in a thread of its own. */
export interface RunningProcess {
  readonly composition: Composition;
  readonly thread: TrainingThread;
  /** Ends the training thread, closes source and socket. */
  close(): Promise<void>;
}

/** Starts a run and waits until learning begins. Rejects with what kept it from starting; nothing is left running then. */
export async function startProcess(
  request: CompositionRequest,
  more: Pick<TrainingRequest, 'limit'> & {
    readonly logLevel: LogLevel;
    readonly terminal: Pick<Terminal, 'note'>;
    readonly answering?: boolean;
  },
): Promise<RunningProcess> {
  const composition = await composeVariant(request);
  const missing = (['source', 'store'] as const).filter((section) => !composition[section]);
  if (missing.length > 0)
    throw new TandemError(
      'TANDEM_CONFIG_INVALID',
      `${request.config} has no ${missing.map((section) => `\`${section}\``).join(' and no ')}, which a run needs.`,
      {
        remedy:
          'Add `source`, where interactions come from, and `store`, where checkpoints go; `tandem evaluate` and `tandem compare` need neither.',
        details: { missing },
      },
    );
  const stop = new AbortController();
  const write = (line: LogLine): void => more.terminal.note(lineText(line));
  const host = createHost({ seed: composition.seed, signal: stop.signal, logLevel: more.logLevel, write });
  const assembly = await start(composition, host, ['source']);
  const source = assembly.source!.instance;
  const thread = new TrainingThread(
    { request, logLevel: more.logLevel, ...(more.limit && { limit: more.limit }) },
    source,
    write,
  );
  const closing: (() => Promise<unknown>)[] = [() => assembly.stop(), () => thread.close()];
  const close = async (): Promise<void> => {
    stop.abort();
    for (const step of closing.splice(0).reverse()) await step();
  };
  try {
    await thread.ready;
    if (more.answering) {
      const control = await serveControl(controlPath(composition), {
        recommend: (asked: RecommendRequest): Promise<Recommendations> => thread.recommend(asked),
        status: () => thread.status(),
      });
      closing.push(() => control.close());
    }
    return { composition, thread, close };
  } catch (error) {
    await close();
    throw error;
  }
}
