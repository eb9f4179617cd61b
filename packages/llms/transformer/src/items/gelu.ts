import { exp32 } from '../exp32.ts';

const DENSITY = 1 / Math.sqrt(2 * Math.PI);

/**
 * GELU (Hendrycks and Gimpel, "Gaussian error linear units", 2016): `values = x Φ(x)`, and its slope `Φ(x) + x φ(x)` for the
 * way back. One exponential serves both: Φ by Hastings' approximation (Abramowitz and Stegun 7.1.26), error below 2e-7.
 */
export function gelu(x: Float32Array, values: Float32Array, slopes: Float32Array): void {
  for (let i = 0; i < x.length; i++) {
    const v = x[i];
    const bell = exp32(-0.5 * v * v);
    const t = 1 / (1 + 0.3275911 * Math.SQRT1_2 * Math.abs(v));
    const tail =
      0.5 * bell * t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
    const cumulative = v < 0 ? tail : 1 - tail;
    values[i] = v * cumulative;
    slopes[i] = cumulative + v * DENSITY * bell;
  }
}
