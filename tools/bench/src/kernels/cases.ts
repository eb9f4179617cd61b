import {
  Arena,
  arenaSgemm,
  choleskyFactor,
  choleskyFactorDouble,
  choleskySolveMany,
  choleskySolveDouble,
  moveRowReference,
  planesOf,
  propagate,
  propagateReference,
  SeededRng,
  sgemmReference,
  SharedTable,
  tf,
  topKRows,
  topKRowsReference,
} from '@tandem-rec/compute';
import type { RowOptimiser } from '@tandem-rec/contract';

/** Something that can be done again and again. */
export interface Work {
  /** Floating-point operations or rows of one run. */
  readonly amount: number;
  readonly run: () => void;
}

/** A kernel at one size, and the same work by others: in plain TypeScript perhaps less of it. */
export interface KernelCase {
  readonly name: string;
  readonly size: string;
  readonly unit: 'GFLOP/s' | 'ns/row';
  readonly kernel: Work;
  readonly plain: Work;
  /** By native TensorFlow, where it has the operation. */
  readonly native?: Work;
}

const DIM = 64;
const K = 20;

/** The kernels that models spend their time in; `scale` 1: at sizes of Gowalla and Amazon Beauty. */
export function kernelCases(arena: Arena, scale: number): readonly KernelCase[] {
  const of = (size: number): number => Math.max(8, Math.round(size * scale));
  return [
    product(arena, of(1024), of(1024), of(1024), false),
    product(arena, of(256), of(40_000), DIM, true),
    factor(arena, of(2048)),
    systems(arena, of(4000)),
    sparseTimesDense(arena, of(40_000)),
    lists(arena, of(512), of(40_000)),
    ...OPTIMISERS.map((optimiser) => rows(optimiser, of(2048), of(40_000))),
  ];
}

const OPTIMISERS: readonly RowOptimiser[] = [
  { kind: 'sgd', learningRate: 0.1 },
  { kind: 'adagrad', learningRate: 0.1 },
  { kind: 'adam', learningRate: 0.1 },
];

const rng = new SeededRng(1, 'kernels');

function random(arena: Arena, length: number): Float32Array {
  const numbers = arena.float32(length);
  for (let i = 0; i < length; i++) numbers[i] = rng.next() - 0.5;
  return numbers;
}

function product(arena: Arena, m: number, n: number, k: number, transB: boolean): KernelCase {
  const [A, B, C] = [random(arena, m * k), random(arena, k * n), arena.float32(m * n)];
  const few = Math.min(m, 8);
  const place = (data: Float32Array, row: number) => ({ data, row });
  return {
    name: 'matrix product',
    size: `${m} × ${n} × ${k}${transB ? ', B transposed' : ''}`,
    unit: 'GFLOP/s',
    kernel: {
      amount: 2 * m * n * k,
      run: () => arenaSgemm(arena, { transB }, m, n, k, 1, place(A, k), place(B, transB ? k : n), 0, place(C, n)),
    },
    plain: { amount: 2 * few * n * k, run: () => sgemmReference({ transB }, few, n, k, 1, A, B, 0, C) },
    native: {
      amount: 2 * m * n * k,
      run: () => {
        const operands = [tf.tensor(A.slice(), [m, k]), tf.tensor(B.slice(), transB ? [n, k] : [k, n])];
        const product = tf.matMul(operands[0], operands[1], false, transB);
        product.dataSync();
        tf.dispose([product, ...operands]);
      },
    },
  };
}

/** Symmetric, and its diagonal outweighs the rest. */
function positiveDefinite(into: Float32Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) into[i * n + j] = into[j * n + i] = rng.next() - 0.5;
    into[i * n + i] = n;
  }
}

function factor(arena: Arena, n: number): KernelCase {
  const [A, L] = [arena.float32(n * n), arena.float32(n * n)];
  positiveDefinite(A, n);
  const small = Math.min(n, 256);
  const corner = new Float32Array(small * small);
  positiveDefinite(corner, small);
  return {
    name: 'Cholesky',
    size: `${n} × ${n}`,
    unit: 'GFLOP/s',
    kernel: {
      amount: n ** 3 / 3,
      run: () => {
        L.set(A);
        choleskyFactor(arena, L, n);
      },
    },
    plain: { amount: small ** 3 / 3, run: () => void choleskyFactorDouble(corner, small) },
  };
}

function systems(arena: Arena, count: number): KernelCase {
  const [matrices, right] = [arena.float32(count * DIM * DIM), random(arena, count * DIM)];
  for (let i = 0; i < count; i++) positiveDefinite(matrices.subarray(i * DIM * DIM, (i + 1) * DIM * DIM), DIM);
  const own = DIM ** 3 / 3 + 2 * DIM ** 2;
  const one = matrices.slice(0, DIM * DIM);
  return {
    name: 'Cholesky, solved',
    size: `${count} of ${DIM} × ${DIM}`,
    unit: 'GFLOP/s',
    kernel: { amount: count * own, run: () => choleskySolveMany(arena, matrices, DIM, right, count) },
    plain: {
      amount: own,
      run: () => void choleskySolveDouble(choleskyFactorDouble(one, DIM), DIM, right.subarray(0, DIM), 1),
    },
  };
}

function sparseTimesDense(arena: Arena, count: number): KernelCase {
  const entries = 20;
  const matrix = {
    offsets: arena.int32(count + 1),
    columns: arena.int32(count * entries),
    values: random(arena, count * entries),
  };
  for (let r = 0; r <= count; r++) matrix.offsets[r] = r * entries;
  for (let e = 0; e < count * entries; e++) matrix.columns[e] = rng.int(count);
  const dense = { X: random(arena, count * DIM), dim: DIM, Y: arena.float32(count * DIM) };
  const amount = 2 * count * entries * DIM;
  return {
    name: 'sparse × dense',
    size: `${count} rows of ${entries}, ${DIM} wide`,
    unit: 'GFLOP/s',
    kernel: { amount, run: () => propagate(arena, matrix, dense) },
    plain: { amount, run: () => propagateReference(matrix, dense) },
  };
}

function lists(arena: Arena, users: number, count: number): KernelCase {
  const [U, items] = [random(arena, users * DIM), random(arena, count * DIM)];
  const few = U.subarray(0, 2 * DIM);
  return {
    name: `exact top ${K}`,
    size: `${users} users, ${count} items, ${DIM} wide`,
    unit: 'GFLOP/s',
    kernel: {
      amount: 2 * users * count * DIM,
      run: () => arena.scoped(() => void topKRows(arena, { users: U, items, dim: DIM, k: K })),
    },
    plain: {
      amount: 4 * count * DIM,
      run: () => void topKRowsReference({ users: few, items, dim: DIM, k: K }),
    },
    native: {
      amount: 2 * users * count * DIM,
      run: () => {
        const operands = [tf.tensor(U.slice(), [users, DIM]), tf.tensor(items.slice(), [count, DIM])];
        const scores = tf.matMul(operands[0], operands[1], false, true);
        const { values, indices } = tf.topk(scores, Math.min(K, count));
        indices.dataSync();
        tf.dispose([scores, values, indices, ...operands]);
      },
    },
  };
}

/**
 * A step for some rows of a table of the shared embeddings, every one of them once; that they are is found out by the table.
 * The definition moves them and no more.
 */
function rows(optimiser: RowOptimiser, touched: number, count: number): KernelCase {
  const table = new SharedTable({ name: 'rows', side: 'item', dim: DIM, initialStd: 0.1, optimiser, rng }, 4096);
  table.ensureRows(count);
  const stride = Math.max(1, Math.floor(count / touched));
  const named = Int32Array.from({ length: Math.min(touched, count) }, (_, i) => i * stride);
  const gradients = Float32Array.from({ length: named.length * DIM }, () => rng.next() - 0.5);
  const values = Float32Array.from({ length: count * DIM }, () => rng.next() - 0.5);
  const state = planesOf(optimiser, DIM).map(({ width }) => new Float32Array(count * width));
  const move = moveRowReference(optimiser, DIM);
  return {
    name: `rows by ${optimiser.kind}`,
    size: `${named.length} of ${count}, ${DIM} wide`,
    unit: 'ns/row',
    kernel: { amount: named.length, run: () => void table.applyGradients(named, gradients) },
    plain: {
      amount: named.length,
      run: () => named.forEach((row, i) => move(values, row * DIM, state, row, gradients, i * DIM)),
    },
  };
}
