import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { TandemError } from '@tandem-rec/contract';
import { findFolders } from '@tandem-rec/cotrainer';
import { printReport } from '../print-report.ts';
import { benchLanguage, languageText } from './bench-language.ts';
import { ENGINES, FULL, QUICK, type EngineName } from './cases.ts';

const HELP = `Usage: npm run bench -- language [options]

Texts to vectors, a step of learning with adapters, and the body of a recommender forward and back, by CPU time on one
thread, each in a process of its own.

Options:
  --backend <name>  plain, wasm or native; may be repeated. Default: those that are there
  --model <folder>  a BERT encoder. Default: all-MiniLM-L6-v2 in the models folder
  --peers           beside onnxruntime-node and PyTorch; they are installed into the cache folder where they are missing,
                    PyTorch with 5.6 GB. onnxruntime needs an export in the model's folder, onnx/model.onnx
  --quick           small sizes
  --json <file>     the numbers for machines; - is standard output
  --help`;

/** `npm run bench -- language`. Answers the exit code. */
export async function languageCommand(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      backend: { type: 'string', multiple: true, default: [...ENGINES] },
      model: { type: 'string', default: 'all-MiniLM-L6-v2' },
      peers: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const report = await benchLanguage({
    model: modelFolder(values.model),
    engines: values.backend.map(engineNamed),
    peers: values.peers,
    sizes: values.quick ? QUICK : FULL,
    note: console.error,
  });
  await printReport(report, languageText(report), values.json);
  return 0;
}

function engineNamed(name: string): EngineName {
  const engine = ENGINES.find((one) => one === name);
  if (engine !== undefined) return engine;
  throw new TandemError('TANDEM_CLI_USAGE', `There is no backend "${name}"; there are ${ENGINES.join(', ')}.`);
}

function modelFolder(model: string): string {
  const { models } = findFolders();
  const places = [resolve(model), ...(models === undefined ? [] : [join(models, model)])];
  const found = places.find((folder) => existsSync(join(folder, 'config.json')));
  if (found !== undefined) return found;
  throw new TandemError(
    'TANDEM_MODEL_WEIGHTS_MISSING',
    `The benchmark needs the model ${model}: there is no config.json in ${places.join(' nor in ')}.`,
  );
}
