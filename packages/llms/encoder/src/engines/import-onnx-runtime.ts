import { TandemError } from '@tandem-rec/contract';
import type { OnnxRuntime } from '@tandem-rec/language';

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
