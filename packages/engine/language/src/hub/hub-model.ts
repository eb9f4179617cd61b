import { existsSync } from 'node:fs';
import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TandemError, z, type Environment } from '@tandem-rec/contract';
import { readModelJson } from '../weights/model-json.ts';
import { authorised, download, hashOf, reasonOf, type ExpectedFile } from './download.ts';

/** A model on a hub, at a branch, tag or commit. */
export interface HubModel {
  /** `organisation/name`. */
  readonly id: string;
  readonly revision: string;
}

/** Where models are fetched from, and as whom. */
export interface Hub {
  readonly url: string;
  /** It is shown to this host only, not to those that keep the files, and appears in no message. */
  readonly token: string | undefined;
}

/** Written last: a folder that has it is whole. */
const MANIFEST = 'tandem-model.json';
const INDEX = 'model.safetensors.index.json';

const manifestSchema = z.object({
  id: z.string(),
  revision: z.string(),
  commit: z.string().optional(),
  files: z.record(z.string(), z.object({ bytes: z.int(), sha256: z.string() })),
});
const shardsSchema = z.object({ weight_map: z.record(z.string(), z.string().regex(/^[\w-][\w.-]*\.safetensors$/)) });

const NEEDED = ['config.json', 'tokenizer.json', 'tokenizer_config.json'];
const WELCOME = ['generation_config.json', 'sentence_bert_config.json', 'modules.json', '1_Pooling/config.json'];

type Surroundings = Pick<Environment, 'log' | 'clock' | 'signal'>;

const running = new Map<string, Promise<void>>();

/**
 * Makes sure that `folder` holds a model of a hub: fetches what is missing, or checks by size and SHA-256 what was fetched
 * earlier. Weights are safetensors only. Broken downloads go on where they stopped.
 * Throws `TANDEM_MODEL_DOWNLOAD`; `TANDEM_MODEL_WEIGHTS_INVALID` where a file is not what was fetched; the signal's reason.
 */
export function fetchHubModel(model: HubModel, folder: string, hub: Hub, env: Surroundings): Promise<void> {
  // Two participants may want the same model at the same time.
  const known = running.get(folder);
  if (known) return known;
  const work = (existsSync(join(folder, MANIFEST)) ? check(folder) : fetchAll(model, folder, hub, env)).finally(() =>
    running.delete(folder),
  );
  running.set(folder, work);
  return work;
}

async function check(folder: string): Promise<void> {
  const { files } = await readModelJson(folder, MANIFEST, manifestSchema);
  for (const [name, { bytes, sha256 }] of Object.entries(files)) {
    const path = join(folder, name);
    const size = existsSync(path) ? (await stat(path)).size : 0;
    if (size === bytes && (await hashOf(path, 'sha256')) === sha256) continue;
    throw new TandemError(
      'TANDEM_MODEL_WEIGHTS_INVALID',
      `${path} is not the file that was fetched (${size} bytes of ${bytes}, or another SHA-256): delete ${folder} to fetch it again.`,
      { details: { path } },
    );
  }
}

async function fetchAll({ id, revision }: HubModel, folder: string, hub: Hub, env: Surroundings): Promise<void> {
  const { log, signal } = env;
  const { token } = hub;
  const base = hub.url.replace(/\/$/, '');
  log.info(`Fetching the model ${id} from ${base}. Its terms are on its page.`, { revision, folder });
  const files: Record<string, { readonly bytes: number; readonly sha256: string }> = {};
  // All files of one commit, even if the branch moves meanwhile.
  let commit: string | undefined;
  /** Whether the hub has the file, which is then in the folder. */
  const take = async (name: string): Promise<boolean> => {
    const url = `${base}/${id}/resolve/${encodeURIComponent(commit ?? revision)}/${name}`;
    try {
      const found = await ask(url, token, signal);
      if (!found) return false;
      commit ??= found.commit;
      await mkdir(dirname(join(folder, name)), { recursive: true });
      files[name] = await download({ ...found.file, token }, join(folder, name), env);
      return true;
    } catch (error) {
      signal.throwIfAborted();
      throw new TandemError('TANDEM_MODEL_DOWNLOAD', `${url}: ${reasonOf(error)}`, { cause: error, details: { url } });
    }
  };
  const need = async (name: string): Promise<void> => {
    if (!(await take(name)))
      throw new TandemError('TANDEM_MODEL_DOWNLOAD', `${base} has no ${name} of ${id} at ${revision}.`);
  };
  for (const name of NEEDED) await need(name);
  for (const name of WELCOME) await take(name);
  if (!(await take('model.safetensors'))) {
    await need(INDEX);
    const { weight_map: map } = await readModelJson(folder, INDEX, shardsSchema);
    for (const name of new Set(Object.values(map))) await need(name);
  }
  const partial = join(folder, `${MANIFEST}.partial`);
  await writeFile(partial, `${JSON.stringify({ id, revision, commit, files }, null, 2)}\n`);
  await rename(partial, join(folder, MANIFEST));
  log.info(`The model ${id} is in ${folder}.`);
}

/** What the hub says about a file before it sends it; undefined if it has none. Large files come from another host. */
async function ask(
  url: string,
  token: string | undefined,
  signal: AbortSignal,
): Promise<{ readonly file: ExpectedFile; readonly commit: string | undefined } | undefined> {
  const { status, headers } = await fetch(url, {
    method: 'HEAD',
    redirect: 'manual',
    headers: authorised(token),
    signal,
  });
  if (status === 404) return undefined;
  if (status === 401 || status === 403)
    throw new Error(
      `The hub answered ${status}: it may be private, or its terms have to be accepted on its page. ` +
        (token ? 'The token in HF_TOKEN is not allowed to see it.' : 'Then put a token of yours into HF_TOKEN.'),
    );
  if (status >= 400) throw new Error(`The hub answered ${status}.`);
  const tag = (headers.get('x-linked-etag') ?? headers.get('etag') ?? '').replace(/^(W\/)?"|"$/g, '');
  const size = headers.get('x-linked-size') ?? (status < 300 ? headers.get('content-length') : null);
  return {
    file: {
      url,
      ...(size !== null && { bytes: Number(size) }),
      ...(/^[0-9a-f]{64}$/.test(tag) && { sha256: tag }),
      ...(/^[0-9a-f]{40}$/.test(tag) && { gitBlob: tag }),
    },
    commit: headers.get('x-repo-commit') ?? undefined,
  };
}
