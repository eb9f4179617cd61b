import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { packagesFolder, recipeIdentity, unpacked, wheel } from './recipe.ts';

/** What to build where. */
export interface BuildOptions {
  /** Replaced as a whole, when everything else has succeeded. */
  readonly folder: string;
  /** Build even if this recipe's result is there. */
  readonly force?: boolean;
  /** Called with a line before each step. */
  readonly progress: (line: string) => void;
}

/**
 * Builds native TensorFlow.js: packages from npm, libraries from the official wheel, one call of the compiler. Answers
 * whether anything had to be done. Nothing in `folder` changes before the addon was loaded once.
 */
export async function buildNativeTensorFlow({ folder, force = false, progress }: BuildOptions): Promise<boolean> {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error(`The wheel is for linux-x64, and this is ${process.platform}-${process.arch}.`);
  const identity = recipeIdentity();
  if (!force && (await readFile(join(folder, 'complete'), 'utf8').catch(() => '')) === identity) return false;

  await mkdir(dirname(folder), { recursive: true });
  const build = await mkdtemp(join(dirname(folder), `${basename(folder)}-building-`));
  try {
    const addon = join(build, 'node_modules/@tensorflow/tfjs-node');
    progress('Installing tfjs-node from npm, without its installer …');
    for (const file of ['package.json', 'package-lock.json']) await cp(join(packagesFolder, file), join(build, file));
    await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], build);

    progress(`Downloading ${wheel.requirement} (207 MB) …`);
    await writeFile(join(build, 'requirements.txt'), `${wheel.requirement} --hash=sha256:${wheel.sha256}\n`);
    const only = ['--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:', ...wheel.platform];
    await run('python3', ['-m', 'pip', 'download', ...only, '-r', 'requirements.txt', '-d', 'wheel'], build);

    progress('Unpacking libraries and headers …');
    await run('python3', ['-c', UNPACK, JSON.stringify(unpacked), join(addon, 'deps')], build);
    await rm(join(build, 'wheel'), { recursive: true });
    const libraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'].map((name) =>
      join(addon, 'deps/lib', name),
    );
    // A quarter of their size is symbols that nothing here needs; without `strip` they stay.
    await run('strip', ['--strip-unneeded', ...libraries], build).catch(() => undefined);

    progress('Compiling the addon …');
    await compile(build, addon);
    await rm(join(addon, 'deps/include'), { recursive: true });

    progress('Loading it once …');
    await run(process.execPath, ['-e', PROBE], build);
    await writeFile(join(build, 'complete'), identity);
    await rm(folder, { recursive: true, force: true });
    await rename(build, folder);
    return true;
  } finally {
    await rm(build, { recursive: true, force: true });
  }
}

async function compile(build: string, addon: string): Promise<void> {
  const into = join(addon, 'lib/napi-v8');
  await mkdir(into, { recursive: true });
  const include = [join(addon, 'deps/include'), join(build, 'node_modules/node-api-headers/include'), addon];
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(addon, 'binding', name));
  const libraries = [
    `-L${join(addon, 'deps/lib')}`,
    '-ltensorflow',
    '-ltensorflow_framework',
    '-Wl,-rpath,$ORIGIN/../../deps/lib',
  ];
  const flags = [
    '-std=c++17',
    '-O2',
    '-fPIC',
    '-shared',
    '-w',
    '-DNAPI_VERSION=8',
    ...include.map((folder) => `-I${folder}`),
  ];
  await run(
    process.env['CXX'] ?? 'g++',
    [...flags, ...sources, ...libraries, '-o', join(into, 'tfjs_binding.node')],
    addon,
  );
}

/** Unpacks parts of the only wheel in `wheel/`; libraries with several names are linked, not copied. */
const UNPACK = `
import glob, json, os, shutil, sys, zipfile
plan, deps = json.loads(sys.argv[1]), sys.argv[2]
archive = zipfile.ZipFile(glob.glob('wheel/*.whl')[0])
os.makedirs(os.path.join(deps, 'lib'))
for member, names in plan['libraries'].items():
    with archive.open(member) as source, open(os.path.join(deps, 'lib', names[-1]), 'wb') as target:
        shutil.copyfileobj(source, target, 1 << 20)
    for name in names[:-1]:
        os.symlink(names[-1], os.path.join(deps, 'lib', name))
root = plan['headers']['from']
for member in archive.namelist():
    inner = member[len(root):]
    if member.startswith(root) and inner.startswith(tuple(plan['headers']['folders'])) and not inner.endswith('/'):
        path = os.path.join(deps, 'include', inner)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with archive.open(member) as source, open(path, 'wb') as target:
            shutil.copyfileobj(source, target)
`;

const PROBE = `
  process.env.TF_NUM_INTRAOP_THREADS = process.env.TF_NUM_INTEROP_THREADS = '1';
  const tf = require('@tensorflow/tfjs-node');
  const [product] = tf.matMul(tf.tensor2d([2, 3], [1, 2]), tf.tensor2d([4, 5], [2, 1])).dataSync();
  if (product !== 23) throw new Error('2 · 4 + 3 · 5 = ' + product);
`;

/** Runs a program to its end; what it wrote is in the error if it fails. */
function run(program: string, args: readonly string[], cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-4000)));
    child.on('error', (cause) =>
      reject(new Error(`${program} could not be started (${cause.message}); it is needed for this.`, { cause })),
    );
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${program} failed (${code}):\n${output.trim()}`)),
    );
  });
}
