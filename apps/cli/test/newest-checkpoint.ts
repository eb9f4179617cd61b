import type { Checkpoint } from '@tandem-rec/contract';
import { local } from '@tandem-rec/store-local';
import { testEnvironment } from '@tandem-rec/testkit';

/** The newest checkpoint of a run directory, read as another process would. */
export async function newestCheckpoint(folder: string): Promise<Checkpoint> {
  const store = await local.definition.create({ folder, keep: 3 }, testEnvironment());
  try {
    const checkpoint = await store.read();
    if (!checkpoint) throw new Error(`There is no checkpoint in ${folder}.`);
    return checkpoint;
  } finally {
    await store.close();
  }
}
