import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { TandemError } from '@tandem-rec/contract';
import type { FromProcess, ModelRequest } from './model-messages.ts';
import type { ModelRow } from './run-model.ts';
import { STREAMED } from './streamed-settings.ts';

const ENTRY = fileURLToPath(new URL('model-process.ts', import.meta.url));

/** Trains and ranks a model in a process of its own. Throws what went wrong there. */
export function forkModel(
  request: ModelRequest,
  onEpoch: (epoch: number, loss: number) => void,
): Promise<readonly ModelRow[]> {
  return new Promise((resolve, reject) => {
    const child = fork(ENTRY, [JSON.stringify(request)]);
    const name = `${request.model}${request.stream ? STREAMED : ''} on ${request.split}`;
    child.on('message', (message: FromProcess) => {
      if (message.kind === 'epoch') onEpoch(message.epoch, message.loss);
      else if (message.kind === 'rows') resolve(message.rows);
      else if (message.code) reject(new TandemError(message.code, `${name}: ${message.message}`));
      else reject(new Error(`${name}: ${message.message}`));
    });
    child.on('error', reject);
    child.on('exit', (code, signal) =>
      reject(new Error(`The process of ${name} ended with ${signal ?? code} and without a result.`)),
    );
  });
}
