import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** One `pip install` each, in order: what one of them cannot install, the others do not need. */
interface Packages {
  readonly name: string;
  readonly install: readonly (readonly string[])[];
  /** What is worth knowing before it begins. */
  readonly size?: string;
}

const PACKAGES: readonly Packages[] = [
  {
    name: 'numpy',
    install: [['numpy==1.26.4', 'scipy==1.17.1']],
  },
  { name: 'implicit', install: [['implicit==0.7.3']] },
  {
    name: 'lightfm',
    // Its sdist is built by setup.py with the numpy that is there; newer pips refuse.
    install: [
      ['setuptools<70', 'wheel', 'cython', 'requests', 'scikit-learn'],
      ['pip==23.0.1'],
      ['--no-use-pep517', '--no-deps', 'lightfm==1.17'],
    ],
  },
  {
    name: 'recbole',
    size: '5.6 GB with PyTorch',
    install: [
      ['torch==2.5.1', 'numpy<2'],
      ['numpy==1.26.4', 'scipy==1.11.4', 'pandas==2.1.4'],
      // Without ray and hyperopt, which only its search for parameters needs.
      ['--no-deps', 'recbole==1.2.1'],
      ['colorlog==4.7.2', 'colorama==0.4.4', 'scikit-learn==1.4.2', 'thop==0.1.1.post2209072238'],
      ['tqdm', 'pyyaml', 'tabulate', 'texttable', 'psutil', 'tensorboard', 'plotly'],
    ],
  },
];

/** An environment of Python for peers: its interpreter, and why a library is not in it. */
export interface PythonEnvironment {
  readonly python: string;
  readonly missing: ReadonlyMap<string, string>;
}

/** Makes an environment with these libraries in a folder, or finds it there. Throws where Python itself is missing. */
export async function pythonEnvironment(
  folder: string,
  libraries: readonly string[],
  note: (line: string) => void,
): Promise<PythonEnvironment> {
  const python = join(folder, 'bin', 'python');
  const missing = new Map<string, string>();
  if (!existsSync(python)) {
    note(`Making a Python environment in ${folder} …`);
    await mkdir(folder, { recursive: true });
    await run('python3.11', ['-m', 'venv', folder]).catch(() => run('python3', ['-m', 'venv', folder]));
  }
  for (const { name, install, size } of PACKAGES.filter((one) => libraries.includes(one.name))) {
    const done = join(folder, `${name}.installed`);
    if (existsSync(done)) continue;
    note(`Installing ${name}${size === undefined ? '' : ` (${size})`} …`);
    try {
      for (const packages of install)
        await run(python, ['-m', 'pip', 'install', '--quiet', ...packages], { maxBuffer: 2 ** 26 });
      await writeFile(done, '');
    } catch (error) {
      await rm(done, { force: true });
      missing.set(name, lastLine(error));
    }
  }
  return { python, missing };
}

/** What a program said last, which is what went wrong. */
export function lastLine(error: unknown): string {
  const { stderr = '', message } = error as { stderr?: string; message: string };
  return stderr.trim().split('\n').at(-1) || message;
}
