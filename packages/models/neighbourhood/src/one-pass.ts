import type { Batch, FitRun, Interactions } from '@tandem-rec/contract';

const EVENTS = 4096;

/**
 * Hands over every event once, in order; for models that count. `timeless`: the data has no times, so that its order says
 * nothing about what is recent. Stops between batches when the run is aborted.
 */
export async function onePass(
  data: Interactions,
  run: FitRun,
  observe: (batch: Batch, timeless: boolean) => void,
): Promise<void> {
  const timeless = data.timelines.atMs.every((at) => at === 0);
  for (let start = 0; start < data.size; start += EVENTS) {
    run.signal.throwIfAborted();
    const order = Int32Array.from({ length: Math.min(EVENTS, data.size - start) }, (_, i) => start + i);
    observe(data.batch(order), timeless);
  }
  await run.epoch({ epoch: 1, loss: 0 });
}
