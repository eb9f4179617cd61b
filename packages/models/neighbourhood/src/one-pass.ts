import type { Batch, FitRun, Interactions } from '@tandem-rec/contract';

const EVENTS = 4096;

/** Hands over every event once, in order; for models that count. Stops between batches when the run is aborted. */
export async function onePass(data: Interactions, run: FitRun, observe: (batch: Batch) => void): Promise<void> {
  for (let start = 0; start < data.size; start += EVENTS) {
    run.signal.throwIfAborted();
    observe(data.batch(Int32Array.from({ length: Math.min(EVENTS, data.size - start) }, (_, i) => start + i)));
  }
  await run.epoch({ epoch: 1, loss: 0 });
}
