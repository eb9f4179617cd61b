// The process of one model: `model-process.ts REQUEST`, forked by `bench-models.ts`.
import { TandemError } from '@tandem-rec/contract';
import type { FromProcess, ModelRequest } from './model-messages.ts';
import { runModel } from './run-model.ts';
import { loadSettings } from './settings/find-settings.ts';
import { loadSplit } from './splits.ts';

const request = JSON.parse(process.argv[2]) as ModelRequest;
const say = (message: FromProcess): void => void process.send?.(message);
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort(new Error('The benchmark was stopped.')));
try {
  const { stream } = request;
  const found = (await loadSettings(request.file)).filter(
    ({ split, model }) => split === request.split && model === request.model,
  );
  const setting = found.find((one) => (one.stream === undefined) === (stream === undefined)) ?? found[0];
  if (setting === undefined) throw new Error(`There is no setting of ${request.model} on ${request.split}.`);
  const split = await loadSplit(request.split, request.part);
  const rows = await runModel({ ...setting, ...(stream && { stream }) }, split, {
    ...request,
    signal: stop.signal,
    onEpoch: (epoch, loss) => say({ kind: 'epoch', epoch, loss }),
  });
  say({ kind: 'rows', rows });
} catch (error) {
  const code = TandemError.is(error) ? error.code : undefined;
  say({ kind: 'failed', message: error instanceof Error ? error.message : String(error), ...(code && { code }) });
}
process.disconnect?.();
