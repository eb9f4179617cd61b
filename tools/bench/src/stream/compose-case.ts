import { join } from 'node:path';
import type { Composition } from '@tandem-rec/contract';
import { compose } from '@tandem-rec/kernel';
import { eventLog } from '@tandem-rec/source-event-log';
import { local } from '@tandem-rec/store-local';
import type { StreamCase } from './cases.ts';

/** The log that a case of a folder reads. */
const logOf = (folder: string): string => join(folder, 'events.sqlite');

/** A case with its log and its store in a folder. */
export function composeCase({ name, config }: StreamCase, folder: string): Promise<Composition> {
  return compose({
    ...config,
    name,
    source: eventLog({ file: logOf(folder) }),
    store: local({ folder: join(folder, `run-${name}`) }),
  });
}
