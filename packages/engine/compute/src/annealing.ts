/** How a learning rate falls toward the end of training. */
export interface Annealing {
  /** Share of the epochs after which it begins to fall, 0 to 1. */
  readonly from: number;
  /** Share of it that is left in the last epoch, 0 to 1. */
  readonly to: number;
}

/** Share of the learning rate in an epoch (1, …, `epochs`): 1, and from `from` on a straight line to `to` in the last one. */
export function annealed(epoch: number, epochs: number, { from, to }: Annealing): number {
  const begin = Math.floor(from * epochs);
  return epoch <= begin ? 1 : 1 - ((1 - to) * (epoch - begin)) / (epochs - begin);
}
