import { join } from 'node:path';
import { defineConfig } from '@tandem-rec/contract';
import { syntheticWorld } from '@tandem-rec/dataset-synthetic';
import { gate } from '@tandem-rec/fusion-gate';
import { transformer } from '@tandem-rec/llm-transformer';
import { fism } from '@tandem-rec/model-history';
import { itemKnn, popularity } from '@tandem-rec/model-neighbourhood';
import { bridge } from '@tandem-rec/sharing-bridge';
import { eventLog } from '@tandem-rec/source-event-log';
import { local } from '@tandem-rec/store-local';

const here = join(process.cwd(), '.tandem', 'demo');

/**
 * What `tandem start` runs without a configuration: a synthetic world streamed through the embedded log. The language
 * side learns its words from scratch, so that it runs the same on every machine, with and without weights.
 */
export default defineConfig({
  name: 'embedded default',
  seed: 42,
  dataset: syntheticWorld(),
  source: eventLog({ file: join(here, 'events.sqlite') }),
  domain: [fism(), itemKnn(), popularity()],
  language: transformer({ encoder: 'subwords' }),
  sharing: bridge(),
  fusion: gate(),
  store: local({ folder: join(here, 'together') }),
});
