import { TandemError, type JsonValue, type State } from '@tandem-rec/contract';

/** Version of the states that `ItemRanker` saves. */
export const STATE_VERSION = 2;

/** What an `ItemRanker` saves beside arrays. */
export interface SavedValues {
  readonly encoder: string;
  readonly pooling: string;
  readonly features: JsonValue;
  /** Mean square of the rows of each table with soft tokens. */
  readonly tokens: Readonly<Record<string, number>>;
  /** Width of each projection to a teacher's vectors. */
  readonly projections: Readonly<Record<string, number>>;
}

/** The values of a state, if it is one of the same kind of model. Throws `TANDEM_STATE_MISMATCH`. */
export function savedValues(
  { version, values }: State,
  here: Pick<SavedValues, 'encoder' | 'pooling'> & { readonly name: string },
): SavedValues {
  const saved = values as unknown as SavedValues;
  if (version !== STATE_VERSION)
    throw new TandemError(
      'TANDEM_STATE_MISMATCH',
      `${here.name} reads states of version ${STATE_VERSION}; this is one of version ${version}.`,
    );
  if (saved.encoder !== here.encoder)
    throw new TandemError(
      'TANDEM_STATE_MISMATCH',
      `${here.name} was trained with the text encoder “${saved.encoder}”; here is “${here.encoder}”.`,
      {
        remedy: 'Put the same weights where they were, or name the encoder in the options.',
      },
    );
  if (saved.pooling !== here.pooling)
    throw new TandemError(
      'TANDEM_STATE_MISMATCH',
      `${here.name} was trained with pooling “${saved.pooling}”; here is “${here.pooling}”.`,
    );
  return saved;
}
