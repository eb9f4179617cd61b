import { findNativeTensorFlow, openTensorBackend, TENSOR_BACKENDS, type TensorBackendName } from '@tandem-rec/compute';
import { requireOrSkip } from '@tandem-rec/testing';
import { beforeAll, describe } from 'vitest';

/** Describes `tests` once for every tensor backend that is here, with that one open. */
export function onEveryBackend(what: string, tests: (backend: TensorBackendName) => void): void {
  const native = requireOrSkip('native-tensorflow', findNativeTensorFlow());
  describe.each(TENSOR_BACKENDS)(`${what} on %s`, (backend) => {
    describe.skipIf(backend === 'native' && !native.available)('if it is here', () => {
      beforeAll(async () => {
        await openTensorBackend({ prefer: backend });
      });
      tests(backend);
    });
  });
}
