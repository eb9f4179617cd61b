import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Availability } from './require-or-skip.ts';

/** Whether npm can fetch packages here. */
export async function registryReachable(): Promise<Availability> {
  try {
    // Not from npm's cache: what a test installs may not be in there.
    const fresh = ['--prefer-online', '--fetch-retries=1', '--fetch-timeout=10000'];
    await promisify(execFile)('npm', ['view', 'zod', 'version', ...fresh]);
    return { available: true, reason: 'the npm registry answers' };
  } catch {
    return { available: false, reason: 'the npm registry cannot be reached' };
  }
}
