import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const besideRepository = fileURLToPath(new URL('../../../../shared/', import.meta.url));

/** The folder of a dataset, such as `ml-100k`: under `TANDEM_DATA`, else under `../shared/data` beside the repository. It may not exist. */
export function dataFolder(name: string): string {
  return join(resolve(process.env['TANDEM_DATA'] || join(besideRepository, 'data')), name);
}

/** The folder of a model's weights, such as `all-MiniLM-L6-v2`: under `TANDEM_MODELS`, else under `../shared/models` beside the repository. It may not exist. */
export function modelFolder(name: string): string {
  return join(resolve(process.env['TANDEM_MODELS'] || join(besideRepository, 'models')), name);
}
