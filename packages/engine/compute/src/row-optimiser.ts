import type { RowOptimiser } from '@tandem-rec/contract';

/** A row of one plane: the floats `width` long from `at` in a segment. */
type Update = (
  values: Float32Array,
  at: number,
  state: readonly Float32Array[],
  row: number,
  gradient: Float32Array,
  from: number,
) => void;

/** How a row follows its gradient, and what it keeps for that. */
export interface RowUpdate {
  /** The optimiser's planes: name, floats a row, and their value at birth. */
  readonly planes: readonly { readonly name: string; readonly width: number; readonly initial: number }[];
  /**
   * Moves one row. `values` is the segment, the row starts at `at`; `state` are the segments of `planes` and `row` the
   * row's number within the segment; its gradient starts at `from`.
   */
  readonly apply: Update;
}

const EPSILON = 1e-8;

// The loops below read a value once: reading it again after another array was written costs half the speed.

/** The update of rows `dim` wide. With `l2`, `l2 · row` is added to the gradient of rows that are touched. */
export function rowUpdate(optimiser: RowOptimiser, dim: number): RowUpdate {
  switch (optimiser.kind) {
    case 'sgd':
      return sgd(optimiser, dim);
    case 'adagrad':
      return optimiser.accumulator === 'row' ? rowAdagrad(optimiser, dim) : adagrad(optimiser, dim);
    case 'adam':
      return adam(optimiser, dim);
  }
}

type Adagrad = Extract<RowOptimiser, { kind: 'adagrad' }>;

function sgd({ learningRate, l2 = 0 }: RowOptimiser, dim: number): RowUpdate {
  const apply: Update = (values, at, _state, _row, gradient, from) => {
    for (let d = 0; d < dim; d++) {
      const value = values[at + d];
      values[at + d] = value - learningRate * (gradient[from + d] + l2 * value);
    }
  };
  return { planes: [], apply };
}

/** Duchi, Hazan and Singer, "Adaptive Subgradient Methods" (2011), one accumulator an element. */
function adagrad({ learningRate, l2 = 0, initialAccumulator = 0 }: Adagrad, dim: number): RowUpdate {
  const apply: Update = (values, at, [squares], row, gradient, from) => {
    const start = row * dim;
    for (let d = 0; d < dim; d++) {
      const value = values[at + d];
      const g = gradient[from + d] + l2 * value;
      const sum = squares[start + d] + g * g;
      squares[start + d] = sum;
      values[at + d] = value - (learningRate * g) / (Math.sqrt(sum) + EPSILON);
    }
  };
  return { planes: [{ name: 'squares', width: dim, initial: initialAccumulator }], apply };
}

/** Adagrad with one accumulator a row, the mean of its squared gradients. */
function rowAdagrad({ learningRate, l2 = 0, initialAccumulator = 0 }: Adagrad, dim: number): RowUpdate {
  const apply: Update = (values, at, [squares], row, gradient, from) => {
    let sum = 0;
    for (let d = 0; d < dim; d++) {
      const g = gradient[from + d] + l2 * values[at + d];
      sum += g * g;
    }
    const accumulated = squares[row] + sum / dim;
    squares[row] = accumulated;
    const rate = learningRate / (Math.sqrt(accumulated) + EPSILON);
    for (let d = 0; d < dim; d++) {
      const value = values[at + d];
      values[at + d] = value - rate * (gradient[from + d] + l2 * value);
    }
  };
  return { planes: [{ name: 'squares', width: 1, initial: initialAccumulator }], apply };
}

/** Kingma and Ba, "Adam" (2015), lazy: moments and bias correction count the steps in which the row was touched. */
function adam(
  { learningRate, l2 = 0, beta1 = 0.9, beta2 = 0.999 }: Extract<RowOptimiser, { kind: 'adam' }>,
  dim: number,
): RowUpdate {
  const apply: Update = (values, at, [first, second, steps], row, gradient, from) => {
    const step = (steps[row] += 1);
    const root = Math.sqrt(1 - beta2 ** step);
    const rate = learningRate / (1 - beta1 ** step);
    const start = row * dim;
    for (let d = 0; d < dim; d++) {
      const value = values[at + d];
      const g = gradient[from + d] + l2 * value;
      const mean = beta1 * first[start + d] + (1 - beta1) * g;
      const square = beta2 * second[start + d] + (1 - beta2) * g * g;
      first[start + d] = mean;
      second[start + d] = square;
      values[at + d] = value - (rate * mean) / (Math.sqrt(square) / root + EPSILON);
    }
  };
  return {
    planes: [
      { name: 'first-moment', width: dim, initial: 0 },
      { name: 'second-moment', width: dim, initial: 0 },
      { name: 'steps', width: 1, initial: 0 },
    ],
    apply,
  };
}
