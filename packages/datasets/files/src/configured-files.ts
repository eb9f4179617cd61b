import { basename } from 'node:path';
import type { Environment, GivenPart } from '@tandem-rec/contract';

import { refusePart } from './dataset-folder.ts';
import type { DatasetFile } from './read-rows.ts';

const PARTS = ['train', 'valid', 'test'] as const;

/** The files that a configuration names for a dataset of the user's own, relative to the configuration. */
export class ConfiguredFiles {
  /** The dataset's name; default: that of its first file. */
  readonly name: string;
  readonly #parts: Readonly<Partial<Record<GivenPart, string>>>;
  readonly #resolve: (path: string) => string;

  constructor(
    {
      name,
      file,
      valid,
      test,
    }: {
      readonly name?: string | undefined;
      readonly file: string;
      readonly valid?: string | undefined;
      readonly test?: string | undefined;
    },
    env: Pick<Environment, 'resolvePath'>,
  ) {
    this.name = name ?? basename(file);
    this.#parts = { train: file, valid, test };
    this.#resolve = (path) => env.resolvePath(path);
  }

  at(path: string): DatasetFile {
    return { path: this.#resolve(path), howToFind: 'Correct the path; it is relative to the configuration.' };
  }

  /** That of one part, or all there are in order. Throws `TANDEM_DATASET_NO_SPLIT` for a part of a dataset without a test file. */
  *interactions(part: GivenPart | undefined): Generator<DatasetFile> {
    if (this.#parts.test === undefined) refusePart(this.name, part);
    for (const one of part === undefined ? PARTS : [part]) {
      const path = this.#parts[one];
      if (path !== undefined) yield this.at(path);
    }
  }
}
