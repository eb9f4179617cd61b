import { defineConfig } from '@tandem-rec/contract';
import { gate } from '@tandem-rec/fusion-gate';
import { transformer } from '@tandem-rec/llm-transformer';
import { fism } from '@tandem-rec/model-history';
import { itemKnn } from '@tandem-rec/model-neighbourhood';
import { bridge } from '@tandem-rec/sharing-bridge';
import { eventLog } from '@tandem-rec/source-event-log';
import { local } from '@tandem-rec/store-local';

export default defineConfig({
  source: eventLog({ file: 'events.sqlite' }),
  domain: [fism({ dim: 32 }), itemKnn()],
  language: transformer(),
  sharing: bridge({ predictions: { to: 'none' } }),
  fusion: gate(),
  store: local({ folder: 'run' }),
  training: { replay: 1 },
});
