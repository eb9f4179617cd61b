export { alignVectors } from './align-vectors.ts';
export { SeededRng } from './seeded-rng.ts';
export { Arena, Kernel, type ArenaOptions } from './arena.ts';
export { KERNEL_NAMES, kernelName, type KernelBinary, type KernelFunctions, type KernelName } from './kernel.ts';
export { availableBytes, requireMemory } from './require-memory.ts';
export {
  arenaSgemm,
  batchedSgemm,
  openGemm,
  sgemm,
  type ArenaMatrix,
  type BatchedSgemm,
  type Gemm,
  type Sgemm,
  type Transposes,
} from './sgemm.ts';
export { sgemmReference } from './sgemm-reference.ts';
export { RowIndex, type SavedRowIndex } from './row-index.ts';
export { SharedEmbeddings, type SharedEmbeddingsHandle } from './shared-embeddings.ts';
export { SharedTable, type Initialiser, type SharedTableHandle, type TableOptions } from './shared-table.ts';
export { TableView } from './table-view.ts';
export { planesOf, type RowPlane } from './row-optimiser.ts';
export { moveRowReference } from './row-optimiser-reference.ts';
export { countAbove, rankOf, rankRows, topK } from './top-k.ts';
export { repeatRow } from './ranking-kernel.ts';
export { InnerProducts, type ItemRows } from './inner-products.ts';
export { logSoftmaxRows } from './log-softmax.ts';
export { softmaxRows } from './softmax.ts';
export { gelu } from './gelu.ts';
export { grown } from './grown.ts';
export { isWhole } from './is-whole.ts';
export {
  openTensorBackend,
  TENSOR_BACKENDS,
  type TensorBackend,
  type TensorBackendName,
  type TensorBackendOptions,
} from './tensor-backend.ts';
export { tf } from './tf.ts';
export { bagOfRows } from './bag-of-rows.ts';
export {
  DenseParameters,
  type AdamW,
  type DenseInput,
  type DenseOptions,
  type DenseStep,
  type Loss,
  type LossFunction,
  type Tensors,
} from './dense-parameters.ts';
export { findNativeTensorFlow, limitNativeThreads, nativeTensorFlowFolder } from './native-tensorflow.ts';
export { Adam } from './adam.ts';
export { DecayedCounts } from './decayed-counts.ts';
export { restore } from './restore.ts';
export { solveAlsRows, weightedGram, type AlsRows, type AlsSolver } from './als.ts';
export { patternFilter, patternGram, patternOf, patternTimes, transposed, type Pattern } from './pattern.ts';
export { propagate, type Propagation, type SparseRows } from './propagate.ts';
export { propagateReference } from './propagate-reference.ts';
export {
  ArenaAdam,
  bprPairs,
  gatheredRows,
  gatherRows,
  scatterRows,
  softmaxPairs,
  type GatheredRows,
} from './pair-steps.ts';
export { Neighbours } from './neighbours.ts';
export { transposedRows } from './transposed-rows.ts';
export {
  rankPairs,
  warpPairs,
  type BayesianRanking,
  type PairwiseData,
  type PairwiseRows,
  type PairwiseSums,
  type Warp,
} from './pairwise.ts';
export { choleskyFactor, choleskyInverse, choleskySolve, choleskySolveMany } from './cholesky.ts';
export { choleskyFactorDouble, choleskySolveDouble } from './cholesky-double.ts';
export { topKRows, type TopKRows, type TopKRowsInput } from './top-k-rows.ts';
export { topKRowsReference } from './top-k-rows-reference.ts';
export {
  activate,
  activateBack,
  joinMessages,
  joinMessagesBack,
  type Activation,
  type JoinedMessages,
} from './message-layer.ts';
export {
  crossEntropyRows,
  poolHistories,
  poolHistoriesBackward,
  type CrossEntropy,
  type Pooling,
} from './history-steps.ts';
export { rescaleRows } from './rescale-rows.ts';
export { shuffle } from './shuffle.ts';
export { lengthBuckets } from './length-buckets.ts';
export { annealed, type Annealing } from './annealing.ts';
export { symmetricEigen, type Eigen } from './symmetric-eigen.ts';
export { Dropout } from './dropout.ts';
export { coordinates, principalAxes, type PrincipalAxes } from './principal-axes.ts';
export { declareLayerNorm, layerNorm } from './layer-norm.ts';
export { allRows } from './all-rows.ts';
