import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { TENSOR_BACKENDS, type TensorBackendName } from '@tandem-rec/compute';
import { moduleBeside } from '../module-beside.ts';
import type { Finding } from './finding.ts';
import type { Probe } from './probe-backend.ts';

const LIMIT_MS = 60_000;

const BRINGS: Readonly<Record<TensorBackendName, string>> = {
  native:
    'transformers train 5 to 7 times faster; from the repository: npm start -w @tandem-rec/native-tensorflow-tool',
  wasm: 'tensors at the speed of WebAssembly; install @tandem-rec/compute again',
  cpu: 'the last resort; install @tandem-rec/compute again',
};

/** Opens every tensor backend in a process of its own and times a product of matrices. At least one must work. */
export async function lookAtTensors(): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const name of TENSOR_BACKENDS) findings.push(await probe(name));
  const best = findings.find(({ state }) => state === 'ok');
  const used: Finding = best
    ? {
        area: 'tensors',
        name: 'in use',
        state: 'ok',
        found: `${best.name}, one thread an operation`,
        facts: { backend: best.name, kernel: best.facts?.['kernel'] },
      }
    : {
        area: 'tensors',
        name: 'in use',
        state: 'broken',
        found: 'no tensor backend works: language models cannot learn',
        facts: {},
      };
  const kernel = best?.facts?.['kernel'];
  const products: readonly Finding[] =
    typeof kernel === 'string'
      ? [
          {
            area: 'tensors',
            name: 'sgemm',
            state: 'ok',
            found: `${kernel}, the product outside of native TensorFlow`,
            facts: { kernel },
          },
        ]
      : [];
  return [...findings, ...products, used];
}

async function probe(name: TensorBackendName): Promise<Finding> {
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [...process.execArgv, moduleBeside(import.meta, 'probe-backend'), name],
      {
        timeout: LIMIT_MS,
        env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: process.env['TF_CPP_MIN_LOG_LEVEL'] ?? '2' },
      },
    );
    const probed = JSON.parse(stdout) as Probe;
    const found = `${probed.identity}: ${probed.gflops.toFixed(1)} GFLOP/s, opens in ${(probed.openMs / 1000).toFixed(1)} s`;
    return { area: 'tensors', name, state: 'ok', found, facts: { ...probed } };
  } catch (error) {
    return { area: 'tensors', name, state: 'missing', found: reasonOf(error), brings: BRINGS[name] };
  }
}

/** The line of the child's standard error that says what went wrong. */
function reasonOf(error: unknown): string {
  const { stderr, killed, message } = error as { stderr?: string; killed?: boolean; message: string };
  if (killed) return `no answer within ${LIMIT_MS / 1000} s`;
  const line = (stderr ?? '').split('\n').find((text) => /Error\b.*: /.test(text));
  return (
    line?.replace(/^.*?Error\b[^:]*: /, '').replace(/^No tensor backend of \w+ could be opened: \w+: /, '') ??
    message.split('\n')[0]!
  ).trim();
}
