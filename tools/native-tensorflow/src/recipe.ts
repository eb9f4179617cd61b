import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The npm packages to install, with their lock file: tfjs-node without its binaries, and Node's headers. */
export const packagesFolder: string = fileURLToPath(new URL('../recipe/', import.meta.url));

/** The official wheel whose libraries and headers are used; its Python is not. */
export const wheel = {
  requirement: 'tensorflow_cpu==2.15.1',
  sha256: '54660c074d7241a503e81edfd9f5ef5af88f64051b72e2945f26318c790f2d26',
  platform: [
    '--python-version',
    '311',
    '--implementation',
    'cp',
    '--abi',
    'cp311',
    '--platform',
    'manylinux_2_17_x86_64',
  ],
} as const;

/** What of the wheel is unpacked, into `deps` of tfjs-node: libraries under each of their names, and headers. */
export const unpacked = {
  libraries: {
    'tensorflow/libtensorflow_cc.so.2': ['libtensorflow.so', 'libtensorflow_cc.so.2'],
    'tensorflow/libtensorflow_framework.so.2': ['libtensorflow_framework.so', 'libtensorflow_framework.so.2'],
  },
  headers: { from: 'tensorflow/include/', folders: ['tensorflow/c/', 'tensorflow/core/', 'tsl/', 'xla/'] },
} as const;

/** Changes with anything that the result depends on; kept in the file `complete` of a build. */
export function recipeIdentity(): string {
  const lock = readFileSync(`${packagesFolder}package-lock.json`, 'utf8');
  return createHash('sha256')
    .update(JSON.stringify([wheel, unpacked, lock, process.platform, process.arch]))
    .digest('hex');
}
