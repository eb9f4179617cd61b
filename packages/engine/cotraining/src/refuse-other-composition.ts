import { TandemError, type Checkpoint, type Composition, type JsonValue } from '@tandem-rec/contract';

/**
 * A checkpoint's states fit the composition that wrote them and no other.
 *
 * @param differences names what differs between two descriptions, one line each
 * @throws TandemError `TANDEM_CHECKPOINT_OTHER_COMPOSITION`
 */
export function refuseOtherComposition(
  checkpoint: Checkpoint,
  { hash, description }: Composition,
  differences: (was: JsonValue, is: JsonValue) => readonly string[],
): void {
  if (checkpoint.composition.hash === hash) return;
  const found = differences(checkpoint.composition.description, description);
  throw new TandemError(
    'TANDEM_CHECKPOINT_OTHER_COMPOSITION',
    `The newest checkpoint was written by another composition:\n${found.map((line) => `  - ${line}`).join('\n')}`,
    { details: { differences: found } },
  );
}
