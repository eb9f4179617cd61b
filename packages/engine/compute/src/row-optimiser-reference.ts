import type { RowOptimiser } from '@tandem-rec/contract';

/**
 * Moves one row: the floats `dim` long from `at` of `values`, which is row number `row`; `state` are the optimiser's planes,
 * as `planesOf` says; its gradient starts at `from`.
 */
type Move = (
  values: Float32Array,
  at: number,
  state: readonly Float32Array[],
  row: number,
  gradient: Float32Array,
  from: number,
) => void;

const EPSILON = 1e-8;

/** The plain definition of what a step does to a row, in double precision between reading and writing. */
export function moveRowReference(optimiser: RowOptimiser, dim: number): Move {
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

function sgd({ learningRate, l2 = 0 }: RowOptimiser, dim: number): Move {
  return (values, at, _state, _row, gradient, from) => {
    for (let d = 0; d < dim; d++) {
      const value = values[at + d];
      values[at + d] = value - learningRate * (gradient[from + d] + l2 * value);
    }
  };
}

/** Duchi, Hazan and Singer, "Adaptive Subgradient Methods" (2011), one accumulator an element. */
function adagrad({ learningRate, l2 = 0 }: Adagrad, dim: number): Move {
  return (values, at, [squares], row, gradient, from) => {
    const start = row * dim;
    for (let d = 0; d < dim; d++) {
      const value = values[at + d];
      const g = gradient[from + d] + l2 * value;
      const sum = squares[start + d] + g * g;
      squares[start + d] = sum;
      values[at + d] = value - (learningRate * g) / (Math.sqrt(sum) + EPSILON);
    }
  };
}

/** Adagrad with one accumulator a row, the mean of its squared gradients. */
function rowAdagrad({ learningRate, l2 = 0 }: Adagrad, dim: number): Move {
  return (values, at, [squares], row, gradient, from) => {
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
}

/** Kingma and Ba, "Adam" (2015), lazy: moments and bias correction count the steps in which the row was touched. */
function adam(
  { learningRate, l2 = 0, beta1 = 0.9, beta2 = 0.999 }: Extract<RowOptimiser, { kind: 'adam' }>,
  dim: number,
): Move {
  return (values, at, [first, second, steps], row, gradient, from) => {
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
}
