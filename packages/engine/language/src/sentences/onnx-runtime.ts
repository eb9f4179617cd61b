/** What is used of a tensor of onnxruntime. */
export interface OnnxTensor {
  readonly dims: readonly number[];
  readonly data: unknown;
}

/** What is used of a session of onnxruntime: one opened graph. */
export interface OnnxSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Readonly<Record<string, OnnxTensor>>): Promise<Readonly<Record<string, OnnxTensor>>>;
  release(): Promise<void>;
}

/** What is used of the package onnxruntime-node. */
export interface OnnxRuntime {
  readonly Tensor: new (type: 'int64', data: BigInt64Array, dims: readonly number[]) => OnnxTensor;
  readonly InferenceSession: {
    create(
      path: string,
      options: {
        readonly executionProviders: readonly string[];
        readonly intraOpNumThreads: number;
        readonly interOpNumThreads: number;
      },
    ): Promise<OnnxSession>;
  };
}
