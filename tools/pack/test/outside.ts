import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** A place outside the repository, where nothing but what is installed can be found. */
export class Outside {
  readonly folder: string;
  /** Paths of our packages' tarballs, by name. */
  readonly #tarballs: Readonly<Record<string, string>>;

  constructor(folder: string, tarballs: ReadonlyMap<string, string>) {
    this.folder = folder;
    this.#tarballs = Object.fromEntries([...tarballs].map(([name, path]) => [name, `file:${path}`]));
  }

  /** Runs a program with plain Node in one of the folders; what it wrote to standard output, or an error with all it wrote. */
  run(folder: string, command: string, ...args: readonly string[]): Promise<string> {
    return run(join(this.folder, folder), command, args);
  }

  /** What a JSON file in here holds. */
  json<T>(...path: readonly string[]): T {
    return JSON.parse(readFileSync(join(this.folder, ...path), 'utf8')) as T;
  }

  /**
   * Installs a package's dependencies, ours from tarballs only and all others from the registry, and leaves its manifest
   * as it was.
   */
  async install(folder: string): Promise<void> {
    const path = join(this.folder, folder, 'package.json');
    const written = readFileSync(path, 'utf8');
    const manifest = JSON.parse(written) as Manifest;
    const ours = (dependencies: Manifest['dependencies'] = {}) =>
      Object.fromEntries(Object.entries(dependencies).map(([name, range]) => [name, this.#tarballs[name] ?? range]));
    const pinned = {
      ...manifest,
      dependencies: ours(manifest.dependencies),
      devDependencies: ours(manifest.devDependencies),
      overrides: this.#tarballs,
    };
    writeFileSync(path, JSON.stringify(pinned));
    try {
      await this.run(
        folder,
        'npm',
        'install',
        '--prefer-offline',
        '--no-audit',
        '--no-fund',
        '--fetch-retries=1',
        '--loglevel=error',
      );
    } finally {
      writeFileSync(path, written);
    }
  }
}

async function run(cwd: string, command: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, args, { cwd, env: plainEnvironment(), maxBuffer: 2 ** 26 });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as { stdout?: string; stderr?: string; message: string };
    throw new Error(`${message}\n${stdout}\n${stderr}`, { cause: error });
  }
}

/** Without what npm, vitest and this workspace put there, and with the Node of this process. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !/^(npm_(?!config_(registry|cache|userconfig|cafile)$)|VITEST|TANDEM_|NODE_(OPTIONS|ENV|PATH)$|INIT_CWD$|FORCE_COLOR$)/.test(
        name,
      ),
  );
  return { ...Object.fromEntries(kept), PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH']}` };
}
