import { placeScores, rowKernel } from './row-kernel.ts';

/**
 * GELU (Hendrycks and Gimpel, "Gaussian error linear units", 2016): `values = x Φ(x)`, and its slope `Φ(x) + x φ(x)` for the
 * way back. In single precision; Φ by Hastings' approximation (Abramowitz and Stegun 7.1.26), error below 5e-7.
 */
export function gelu(x: Float32Array, values: Float32Array, slopes: Float32Array): void {
  const count = x.length;
  if (values.length < count || slopes.length < count)
    throw new RangeError(`gelu of ${count}: room for ${values.length} values and ${slopes.length} slopes.`);
  const padded = Math.ceil(count / 4) * 4;
  const { floats, x: at } = placeScores(x, 1, count, 2 * padded);
  const to = at / 4 + padded;
  rowKernel.gelu(at, padded, at, 4 * to);
  values.set(floats.subarray(at / 4, at / 4 + count));
  slopes.set(floats.subarray(to, to + count));
}
