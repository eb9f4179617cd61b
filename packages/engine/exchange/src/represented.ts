import {
  TandemError,
  type BridgeParticipant,
  type Catalogue,
  type Layer,
  type Matrix,
  type Rows,
  type Side,
} from '@tandem-rec/contract';
import { itemText } from '@tandem-rec/data';

/** With fewer zero vectors than this share of them, single texts said nothing; with more, the vectors are somebody else's. */
const TOO_MANY_ZEROS = 0.5;
const NAMED = 3;

/**
 * A participant's vectors of users or items, looked at before anybody learns from them: vectors of another catalogue, a
 * column of zeros or a NaN are silent errors everywhere else. Items with text must not be zero, one here and there aside.
 *
 * Throws `TANDEM_VECTORS_INVALID`.
 */
export async function represented(
  participant: BridgeParticipant,
  side: Side,
  rows: Rows,
  catalogue: Catalogue,
  layer: Layer = 'top',
): Promise<Matrix> {
  const vectors = await participant.represent(side, rows, layer);
  const refuse = (what: string): never => {
    throw new TandemError(
      'TANDEM_VECTORS_INVALID',
      `${participant.name} was asked for vectors of ${rows.length} ${side}s: ${what}.`,
    );
  };
  const { cols, data } = vectors;
  if (vectors.rows !== rows.length) refuse(`it gave ${vectors.rows}`);
  if (rows.length > 0 && cols < 1) refuse(`they are ${cols} wide`);
  if (data.length < rows.length * cols) refuse(`${data.length} numbers are too few for a width of ${cols}`);
  const zeros: string[] = [];
  let written = 0;
  for (let k = 0; k < rows.length; k++) {
    let isZero = true;
    for (let at = k * cols; at < (k + 1) * cols; at++) {
      if (!Number.isFinite(data[at])) refuse(`that of row ${rows[k]} holds ${data[at]}`);
      if (data[at] !== 0) isZero = false;
    }
    if (participant.role !== 'language' || side !== 'item') continue;
    const item = catalogue.item(rows[k]);
    if (itemText(item) === '') continue;
    written++;
    if (isZero) zeros.push(item.id);
  }
  if (written > 1 && zeros.length >= TOO_MANY_ZEROS * written)
    refuse(
      `${zeros.length} of ${written} with text are all zero, for example those of ${zeros
        .slice(0, NAMED)
        .map((id) => JSON.stringify(id))
        .join(', ')}`,
    );
  return vectors;
}
