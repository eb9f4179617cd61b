import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { runCommand, temporaryFolder } from '../../test/run-command.ts';
import type { Finding } from '../doctor/finding.ts';
import { lookAtMachine } from '../doctor/machine.ts';
import { doctorCommand } from './doctor.ts';

async function doctor(args: readonly string[] = []) {
  const { out, json } = await runCommand(doctorCommand(), args);
  const exitCode = process.exitCode;
  process.exitCode = undefined;
  const { ok, findings } = json as { readonly ok: boolean; readonly findings: readonly Finding[] };
  const find = (name: string): Finding | undefined => findings.find((finding) => finding.name === name);
  return { out, ok, find, exitCode };
}

describe('tandem doctor', () => {
  it('opens every backend, finds plugins and folders, and says what is missing', async () => {
    const cache = temporaryFolder();
    vi.stubEnv('TANDEM_CACHE', cache);
    vi.stubEnv('TANDEM_DATA', '/nowhere');
    vi.stubEnv('TANDEM_NATIVE_TENSORFLOW', '/nowhere');
    onTestFinished(() => void vi.unstubAllEnvs());
    const { out, ok, find, exitCode } = await doctor();
    expect({ ok, exitCode }).toEqual({ ok: true, exitCode: undefined });
    expect(find('native')).toMatchObject({
      state: 'missing',
      found: 'native TensorFlow is not in /nowhere',
      brings: expect.stringContaining('faster'),
    });
    for (const backend of ['wasm', 'cpu'])
      expect(find(backend)).toMatchObject({
        state: 'ok',
        facts: { gflops: expect.any(Number), kernel: expect.stringMatching(/^wasm-simd/) },
      });
    expect(find('in use')?.facts).toMatchObject({ backend: 'wasm' });
    expect(find('cache')).toMatchObject({ state: 'ok', found: cache });
    expect(find('data')?.state).toBe('missing');
    expect(find('interaction-source')?.found.split(', ')).toEqual(expect.arrayContaining(['eventLog', 'kafka']));
    expect(out).toContain('Everything required is here.');
  });

  it('ends with 1 where a broker that was asked for does not answer', async () => {
    const { ok, find, out, exitCode } = await doctor(['--kafka', '127.0.0.1:1']);
    expect({ ok, exitCode }).toEqual({ ok: false, exitCode: 1 });
    expect(find('127.0.0.1:1')).toMatchObject({ state: 'broken', found: expect.stringContaining('ECONNREFUSED') });
    expect(out).toContain('Does not work: 127.0.0.1:1.');
  });

  it('refuses an old Node', () => {
    expect(lookAtMachine('22.17.9')[0]?.state).toBe('broken');
    expect(lookAtMachine('22.18.0')[0]?.state).toBe('ok');
    expect(lookAtMachine('24.0.0')[0]?.state).toBe('ok');
  });
});
