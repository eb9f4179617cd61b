import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { interactionSourceConformance, systemClock, testEnvironment } from '@tandem-rec/testkit';
import { eventLog } from './index.ts';

interactionSourceConformance({
  name: 'eventLog',
  create: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-log-'));
    const env = testEnvironment({ folder, clock: systemClock });
    const options = eventLog.definition.options.parse({ file: 'new/log.sqlite', pollMs: 2 });
    const sink = await eventLog.definition.createSink!(options, env);
    return {
      source: () => eventLog.definition.create(options, env),
      latest: () => eventLog.definition.create({ ...options, from: 'latest' }, env),
      append: (records) => sink.append(records),
      close: async () => {
        await sink.close();
        rmSync(folder, { recursive: true });
      },
    };
  },
});
