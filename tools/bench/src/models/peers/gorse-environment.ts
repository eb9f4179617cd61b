import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROGRAMS } from './programs.ts';

const run = promisify(execFile);

/** Builds Gorse's runner in a folder, or finds it there. Throws where Go or its proxy is missing. */
export async function gorseProgram(folder: string, note: (line: string) => void): Promise<string> {
  const program = join(folder, 'gorse-peer');
  if (existsSync(program)) return program;
  note(`Building Gorse's runner in ${folder} …`);
  await cp(join(PROGRAMS, 'gorse'), folder, { recursive: true });
  const env = { ...process.env, GOPATH: join(folder, 'path'), GOCACHE: join(folder, 'cache'), GOFLAGS: '-modcacherw' };
  await run('go', ['mod', 'tidy'], { cwd: folder, env });
  await run('go', ['build', '-o', program, '.'], { cwd: folder, env });
  return program;
}
