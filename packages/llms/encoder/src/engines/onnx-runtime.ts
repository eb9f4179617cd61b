import { TandemError } from '@tandem-rec/contract';

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

const PACKAGE = 'onnxruntime-node';

/**
 * Imports onnxruntime-node, an optional peer. Throws `TANDEM_MODEL_RUNTIME_MISSING`, with the command that installs it:
 * its own script would download what a processor does not need, and fail without a network.
 */
export async function importOnnxRuntime(name: string = PACKAGE): Promise<OnnxRuntime> {
  try {
    const module = (await import(name)) as OnnxRuntime & { readonly default?: OnnxRuntime };
    return module.default ?? module;
  } catch (cause) {
    throw new TandemError(
      'TANDEM_MODEL_RUNTIME_MISSING',
      `The package ${PACKAGE} cannot be imported: ${(cause as Error).message}`,
      {
        cause,
        remedy: `Install it beside your configuration: npm install ${PACKAGE} --ignore-scripts`,
        details: { package: PACKAGE },
      },
    );
  }
}
