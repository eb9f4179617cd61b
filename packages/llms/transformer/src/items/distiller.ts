import { grown } from '@tandem-rec/compute';
import { distillationLoss } from '../losses/distillation-loss.ts';
import type { StepScope } from './step-scope.ts';

/** What the prediction lessons of a step ask of its scores. */
export class Distiller {
  #gradient = new Float32Array(0);
  /** Which scores are of items that their users have met. */
  #isMet = new Uint8Array(0);

  /** Their loss and its gradient for the scores Z (`size × columns`), in scratch: valid until the next call. */
  distil(
    Z: Float32Array,
    size: number,
    { columns, lessons, metOffsets, met }: StepScope,
  ): { readonly loss: number; readonly gradient: Float32Array } {
    const gradient = (this.#gradient = grown(this.#gradient, size * columns)).fill(0, 0, size * columns);
    const isMet = (this.#isMet = grown(this.#isMet, size * columns)).fill(0, 0, size * columns);
    for (let b = 0; b < size; b++)
      for (let i = metOffsets[b]; i < metOffsets[b + 1]; i++) isMet[b * columns + met[i]] = 1;
    let loss = 0;
    for (const { lesson, columns: taught } of lessons)
      loss += distillationLoss(
        lesson,
        taught,
        Z,
        size,
        columns,
        (row, column) => isMet[row * columns + column] === 1,
        gradient,
      );
    return { loss, gradient };
  }
}
