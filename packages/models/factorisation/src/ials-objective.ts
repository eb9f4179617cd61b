import { solveAlsRows, weightedGram, type AlsSolver, type Arena } from '@tandem-rec/compute';
import type { IalsOptions } from './ials.ts';
import type { Lists } from './meetings.ts';
import { paddedWidth } from './padded.ts';

/** What solving for rows takes; all of it in the arena. */
export interface HalfPass extends Lists {
  /** Rows of the other side that the lists name. */
  readonly other: Float32Array;
  /** α₀ Σ h hᵀ over all rows of the other side, which are `others`. */
  readonly gram: Float32Array;
  readonly others: number;
  /** Where to begin, and the solutions. */
  readonly rows: Float32Array;
  readonly solver: AlsSolver;
}

/**
 * The objective of iALS, in the notation of Rendle et al. 2022 (equations 1 to 3 and 8), S the pairs that met:
 *
 *     L(W, H) = Σ_{(u,i) ∈ S} (⟨w_u, h_i⟩ − 1)² + α₀ Σ_u Σ_i ⟨w_u, h_i⟩²
 *             + λ Σ_u (|I_u| + α₀ |I|)^ν ‖w_u‖² + λ Σ_i (|U_i| + α₀ |U|)^ν ‖h_i‖²
 *
 * For fixed H the rows of users are independent least squares, and the other way round:
 *
 *     w_u = (Σ_{i ∈ I_u} h_i h_iᵀ + α₀ HᵀH + λ (|I_u| + α₀ |I|)^ν I)⁻¹ Σ_{i ∈ I_u} h_i
 *
 * A pair that met n times counts n times in the first sum: the confidence of Hu et al. with r_ui = n.
 */
export class IalsObjective {
  readonly #options: IalsOptions;
  /** Width of rows in the arena. */
  readonly width: number;

  constructor(options: IalsOptions) {
    this.#options = options;
    this.width = paddedWidth(options.dim);
  }

  /** Solves for rows, and answers the sum of their objectives. */
  solve(arena: Arena, { offsets, items, other, gram, others, rows, solver }: HalfPass): number {
    const { unobservedWeight, regularisation, frequencyExponent } = this.#options;
    const count = offsets.length - 1;
    return arena.scoped(() => {
      const ridges = arena.float32(count);
      const losses = arena.float32(count);
      for (let row = 0; row < count; row++)
        ridges[row] =
          regularisation * (offsets[row + 1] - offsets[row] + unobservedWeight * others) ** frequencyExponent;
      solveAlsRows(arena, { dim: this.width, offsets, items, other, gram, ridges, rows, losses }, solver);
      return losses.reduce((sum, loss) => sum + loss, 0);
    });
  }

  /** α₀ Σ h hᵀ over `count` rows. */
  gram(arena: Arena, rows: Float32Array, count: number, gram: Float32Array): void {
    weightedGram(arena, rows, count, this.width, this.#options.unobservedWeight, gram);
  }

  /** As configured, with so many steps where it is conjugate gradients. */
  solver(steps = this.#options.steps): AlsSolver {
    return this.#options.solver === 'cholesky' ? { kind: 'cholesky' } : { kind: 'conjugate-gradients', steps };
  }
}
