import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findFolders } from '@tandem-rec/cotrainer';
import { onnxFile } from '@tandem-rec/language';
import { peerEnvironments, pythonJson } from '../models/peers/peer-environments.ts';
import { lastLine } from '../models/peers/python-environment.ts';
import { BODY_LAYERS, RANKS, type Sizes } from './cases.ts';
import type { WorkDone } from './works.ts';

const run = promisify(execFile);

const RUNTIME = 'onnxruntime-node@1.30.0';

/** The folder that onnxruntime is installed in, in the cache; it is installed now if it is not there. */
export async function onnxruntimeFolder(model: string, note: (line: string) => void): Promise<string> {
  if (onnxFile(model) === undefined) throw new Error(`there is no ONNX export in ${model} (onnx/model.onnx)`);
  const folder = join(findFolders().cache, 'bench-peers', 'onnxruntime');
  if (existsSync(join(folder, 'node_modules/onnxruntime-node/package.json'))) return folder;
  note(`Installing ${RUNTIME} in ${folder} …`);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
  try {
    // Its own script would download what a processor does not need.
    await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', RUNTIME], { cwd: folder });
  } catch (error) {
    throw new Error(lastLine(error), { cause: error });
  }
  return folder;
}

/** The same body in PyTorch: its shape with random weights, adapters and a step of AdamW as ours. */
export async function pytorchBody(
  model: string,
  { body: [size, length], runs }: Sizes,
  note: (line: string) => void,
): Promise<WorkDone & { readonly peakMb: number }> {
  const { programs, missing } = await peerEnvironments(['recbole'], note);
  const python = programs.get('recbole');
  if (python === undefined) throw new Error(missing.map(({ reason }) => reason).join('; '));
  const config = JSON.parse(await readFile(join(model, 'config.json'), 'utf8')) as Readonly<Record<string, number>>;
  const request = {
    width: config['hidden_size'],
    inner: config['intermediate_size'],
    heads: config['num_attention_heads'],
    layers: Math.min(BODY_LAYERS, config['num_hidden_layers']),
    rank: RANKS.body,
    size,
    length,
    runs,
  };
  const { identity, best, median, peak_mb } = await pythonJson(python, 'bert_body.py', [JSON.stringify(request)]);
  return { identity: String(identity), best: Number(best), median: Number(median), peakMb: Number(peak_mb) };
}
