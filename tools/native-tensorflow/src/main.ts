#!/usr/bin/env -S node --conditions=@tandem-rec/source --disable-warning=ExperimentalWarning
import { parseArgs } from 'node:util';
import { findNativeTensorFlow, nativeTensorFlowFolder } from '@tandem-rec/compute';

import { buildNativeTensorFlow } from './build-native-tensorflow.ts';

const HELP = `Builds native TensorFlow.js, which trains transformers several times faster than WebAssembly.
It needs npm, Python 3 with pip, and a C++ compiler; Linux on x86-64. Nothing else ever needs its result.

Usage: npm start -w @tandem-rec/native-tensorflow-tool [-- options]

  --force   builds it again
  --help    this text

Environment: TANDEM_NATIVE_TENSORFLOW, the folder (default \${XDG_CACHE_HOME:-~/.cache}/tandem/native-tensorflow), CXX.
`;

const { values } = parseArgs({ options: { force: { type: 'boolean' }, help: { type: 'boolean' } } });
if (values.help === true) {
  process.stdout.write(HELP);
} else {
  const folder = nativeTensorFlowFolder();
  const begun = performance.now();
  const progress = (line: string): void => {
    process.stderr.write(`${((performance.now() - begun) / 1000).toFixed(1).padStart(5)} s  ${line}\n`);
  };
  try {
    const built = await buildNativeTensorFlow({ folder, force: values.force === true, progress });
    progress(built ? `Built in ${folder}.` : `Built already, in ${folder}.`);
    const { available, reason } = findNativeTensorFlow();
    if (!available) throw new Error(`It was built, and yet: ${reason}.`);
  } catch (error) {
    process.stderr.write(`native-tensorflow: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
