import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import {
  askControl,
  composeVariant,
  controlPath,
  type CompositionRequest,
  type LogLevel,
  type TrainingStatus,
  type TrainingThread,
  type Variant,
} from '@tandem-rec/cotrainer';
import { sideNames, type Side } from '../compare/sides.ts';
import { EMBEDDED_CONFIG } from '../default-config.ts';
import { Interrupted } from '../interruption.ts';
import { progressLines } from '../progress-lines.ts';
import { startProcess, type RunningProcess } from '../run-process.ts';
import { Terminal } from '../terminal.ts';
import { integer } from '../text-table.ts';
import { lockDemo, runningAlready } from './demo-lock.ts';
import { recommendationLines, reportText, type DemoResult } from './report.ts';
import { gainsOf, scoresOf, SKIP, type Scores } from './results.ts';
import { writeLog } from './write-log.ts';

export interface DemoOptions {
  readonly once?: boolean;
  readonly json?: string;
  readonly set: readonly string[];
  readonly log: LogLevel;
}

/**
 * The embedded demonstration: one synthetic stream learned three times at once, together, alone (the control) and with
 * permuted texts; then a table, three users' recommendations and, unless `once`, questions from the terminal. Throws
 * `TANDEM_RUN_LOCKED` if a demonstration runs in this folder already, `Interrupted` if the signal aborts before the table.
 */
export async function demonstrate(options: DemoOptions, signal: AbortSignal): Promise<void> {
  const folder = join(process.cwd(), '.tandem', 'demo');
  const lock = lockDemo(folder);
  try {
    await demonstrateIn(folder, options, signal);
  } finally {
    lock.release();
  }
}

async function demonstrateIn(
  folder: string,
  { once, json, set, log }: DemoOptions,
  signal: AbortSignal,
): Promise<void> {
  const terminal = new Terminal(json);
  const request = (name: string, log: string, variant: Variant, more: readonly string[] = []): CompositionRequest => ({
    config: EMBEDDED_CONFIG,
    overrides: [
      ...set,
      `source.options.file=${join(folder, log)}`,
      `store.options.folder=${join(folder, name)}`,
      ...more,
    ],
    variant,
  });
  const requests = {
    together: request('together', 'events.sqlite', 'together'),
    control: request('control', 'events.sqlite', 'control'),
    permuted: request('permuted', 'permuted.sqlite', 'together', ['dataset.options.permuteTexts=true']),
  };
  // Somebody who names this store in a configuration of their own does not hold the demonstration's lock.
  if (await answers(controlPath(await composeVariant(requests.together)))) throw runningAlready(folder);
  await rm(folder, { recursive: true, force: true });

  const running: RunningProcess[] = [];
  let closing = false;
  let besides: Promise<{ readonly control: RunningProcess; readonly permuted: RunningProcess }> | undefined;
  let watching: NodeJS.Timeout | undefined;
  try {
    terminal.note('Making a world of readers and books, and writing its stream to an embedded log …');
    const written = await writeLog(requests.together, join(folder, 'events.sqlite'), signal);
    await writeLog(requests.permuted, join(folder, 'permuted.sqlite'), signal);
    signal.throwIfAborted();
    terminal.note(
      `${integer(written.interactions)} interactions of ${integer(written.users.length)} users wait in ${folder}. Learning: together; beside it alone (the control), then with permuted texts.`,
    );
    const startedMs = performance.now();
    const limit = { records: written.records };
    const open = async (which: keyof typeof requests, ends: boolean): Promise<RunningProcess> => {
      const run = await startProcess(requests[which], {
        logLevel: log,
        terminal,
        answering: which === 'together',
        ...(ends && { limit }),
      });
      running.push(run);
      if (!closing) return run;
      // It was being opened while the others were closed.
      await run.close();
      throw new Interrupted();
    };
    const together = await open('together', false);
    const names = new Map<TrainingThread, string>([[together.thread, 'together']]);
    watching = watch(names, written.records, terminal);
    besides = (async () => {
      const control = await open('control', true);
      names.set(control.thread, 'alone (control)');
      await control.thread.ended;
      names.delete(control.thread);
      const permuted = await open('permuted', true);
      names.set(permuted.thread, 'together, texts permuted');
      await permuted.thread.ended;
      names.delete(permuted.thread);
      return { control, permuted };
    })();
    const done = await interrupted(Promise.all([caughtUp(together.thread, written.records), besides]), signal);
    if (done === undefined) {
      await end(together.thread, terminal);
      throw new Interrupted();
    }
    const [, { control, permuted }] = done;
    const seconds = (performance.now() - startedMs) / 1000;
    const result = await resultOf(together, control.thread, permuted.thread, {
      seconds,
      events: written.interactions,
      users: [written.users[0], written.users[written.users.length >> 1], 'somebody-new'],
    });
    terminal.say(reportText(result));
    await terminal.json(result);
    names.clear();
    if (!once) await answerQuestions(together.thread, terminal, signal);
    await end(together.thread, terminal);
  } catch (error) {
    // Before the first run is open whatever fails after Ctrl-C failed by it. Later a failure is one: the last checkpoint's.
    throw signal.aborted && running.length === 0 ? new Interrupted() : error;
  } finally {
    clearInterval(watching);
    closing = true;
    for (const run of running.toReversed()) await run.close();
    await besides?.catch(() => {});
  }
}

/** Whether a process serves this control socket: one that answers with an error is there, too. */
async function answers(path: string): Promise<boolean> {
  return askControl(path, 'status', null).then(
    (status) => status !== undefined,
    () => true,
  );
}

/** Redraws every run's progress twice a second; says a line each quarter of the way where nothing is redrawn. */
function watch(names: ReadonlyMap<TrainingThread, string>, records: number, terminal: Terminal): NodeJS.Timeout {
  const said = new Map<TrainingThread, number>();
  const draw = async (): Promise<void> => {
    const lines: string[] = [];
    for (const [thread, name] of [...names]) {
      const status = await thread.status().catch(() => null);
      const quarter = status ? Math.floor((4 * status.counts.records) / records) : 0;
      if (!terminal.live && quarter > (said.get(thread) ?? 0))
        for (const line of progressLines(name, status, records)) terminal.note(line);
      said.set(thread, quarter);
      lines.push(...progressLines(name, status, records));
    }
    if (names.size > 0) terminal.progress(lines);
  };
  return setInterval(() => void draw(), 500);
}

/** Resolves when the thread has read so many records; rejects if it ends before. */
async function caughtUp(thread: TrainingThread, records: number): Promise<TrainingStatus> {
  for (;;) {
    const status = await thread.status();
    if (status && status.counts.records >= records) return status;
    await Promise.race([thread.ended, new Promise((resolve) => setTimeout(resolve, 100))]);
  }
}

/** What `work` answers, or undefined once the signal aborts. */
async function interrupted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const aborted = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  work.catch(() => {});
  return Promise.race([work, aborted]);
}

async function resultOf(
  together: RunningProcess,
  control: TrainingThread,
  permuted: TrainingThread,
  about: { readonly seconds: number; readonly events: number; readonly users: readonly string[] },
): Promise<DemoResult> {
  const sides = sideNames(together.composition);
  const [with_, without, without_words] = await Promise.all(
    [together.thread, control, permuted].map(async (thread) => (await thread.status(SKIP))!),
  );
  const three = (status: TrainingStatus): Record<Side, Scores> => ({
    domain: scoresOf(status, sides.domain),
    language: scoresOf(status, sides.language),
    fused: scoresOf(status, sides.fused),
  });
  const others = together.composition.participants.filter(
    ({ name }) => name !== sides.domain && name !== sides.language,
  );
  const recommendations = [];
  for (const user of about.users) recommendations.push(await together.thread.recommend({ user, count: 5 }));
  return {
    events: about.events,
    seconds: about.seconds,
    backend: with_.backend,
    names: sides,
    baselines: Object.fromEntries(others.map(({ name }) => [BASELINE_NAMES[name] ?? name, scoresOf(without, name)])),
    alone: three(without),
    together: three(with_),
    permuted: three(without_words),
    gains: await gainsOf(together.thread, control, sides),
    recommendations,
  };
}

/** The field's names of the baselines. */
const BASELINE_NAMES: Readonly<Record<string, string>> = { itemKnn: 'item-knn' };

/**
 * Answers questions from the terminal while the run follows its log, until Ctrl-C or the end of the input. Rejects with what
 * ends the run before.
 */
async function answerQuestions(thread: TrainingThread, terminal: Terminal, signal: AbortSignal): Promise<void> {
  terminal.note(
    'The run goes on and follows its log. A user’s id (for example u5) and Enter shows what is recommended; Ctrl-C ends with a checkpoint.',
  );
  const lines = createInterface({
    input: process.stdin,
    ...(process.stdin.isTTY && { output: process.stderr, prompt: 'user> ' }),
  });
  // On a terminal readline sees Ctrl-C before the process does.
  lines.on('SIGINT', () => process.emit('SIGINT'));
  signal.addEventListener('abort', () => lines.close(), { once: true });
  if (signal.aborted) return lines.close();
  const answering = async (): Promise<void> => {
    if (process.stdin.isTTY) lines.prompt();
    for await (const line of lines) {
      const user = line.trim();
      if (user !== '') terminal.say(recommendationLines(await thread.recommend({ user, count: 10 })).join('\n'));
      if (process.stdin.isTTY) lines.prompt();
    }
    // Without a terminal the input may be empty from the start: follow the log until a signal.
    if (!process.stdin.isTTY && !signal.aborted)
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  };
  try {
    await Promise.race([answering(), thread.ended]);
  } finally {
    lines.close();
  }
}

async function end(thread: TrainingThread, terminal: Terminal): Promise<void> {
  await thread.stop();
  const { checkpoint, counts } = await thread.ended;
  terminal.note(
    `Ended after ${integer(counts.events)} events${checkpoint ? `, checkpoint ${checkpoint.sequence}` : ''}.`,
  );
}
