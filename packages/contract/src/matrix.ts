/** A dense row-major matrix: element (r, c) is `data[r * cols + c]`. */
export interface Matrix {
  readonly rows: number;
  readonly cols: number;
  /** Length ≥ `rows * cols`; anything beyond is scratch. */
  readonly data: Float32Array;
}

/** Dense row numbers of users or items, as the engine assigned them in order of arrival. */
export type Rows = Int32Array;
