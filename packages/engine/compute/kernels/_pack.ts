// Packing of matrices of floats for products by tiles.
import { at } from './_address';

/**
 * Packs `count` vectors of length `depth` into panels of `width` of them, depth by depth, the last panel padded with
 * zeros. Vector v, depth p lies at (v, p) of the source if `byVector`, else at (p, v).
 */
export function pack(source: usize, stride: i32, byVector: bool, count: i32, depth: i32, width: i32, into: usize): void {
  const step = (<usize>width) << 2;
  for (let first = 0; first < count; first += width) {
    for (let part = 0; part < width; part += 4) {
      const valid = count - first - part;
      const from = source + (byVector ? at(first + part, stride, 0) : ((<usize>(first + part)) << 2));
      const to = into + ((<usize>part) << 2);
      if (valid < 4) packEdge(from, stride, byVector, valid, depth, step, to);
      else if (byVector) packAcross(from, stride, depth, step, to);
      else packAlong(from, stride, depth, step, to);
    }
    into += (<usize>depth) * step;
  }
}

/** Four vectors that lie side by side at every depth. */
function packAlong(from: usize, stride: i32, depth: i32, step: usize, to: usize): void {
  const row = (<usize>stride) << 2;
  for (let p = 0; p < depth; p++) {
    v128.store(to, v128.load(from));
    from += row;
    to += step;
  }
}

/** Four vectors that are each contiguous: transposed 4 × 4 at a time. */
function packAcross(from: usize, stride: i32, depth: i32, step: usize, to: usize): void {
  const row = (<usize>stride) << 2;
  let p = 0;
  for (; p + 4 <= depth; p += 4) {
    const r0 = v128.load(from);
    const r1 = v128.load(from + row);
    const r2 = v128.load(from + 2 * row);
    const r3 = v128.load(from + 3 * row);
    const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
    const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
    const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<f64>(low01, low23, 0, 2));
    v128.store(to + step, v128.shuffle<f64>(low01, low23, 1, 3));
    v128.store(to + 2 * step, v128.shuffle<f64>(high01, high23, 0, 2));
    v128.store(to + 3 * step, v128.shuffle<f64>(high01, high23, 1, 3));
    from += 16;
    to += 4 * step;
  }
  for (; p < depth; p++) {
    for (let v = 0; v < 4; v++) store<f32>(to + ((<usize>v) << 2), load<f32>(from + (<usize>v) * row));
    from += 4;
    to += step;
  }
}

function packEdge(from: usize, stride: i32, byVector: bool, valid: i32, depth: i32, step: usize, to: usize): void {
  for (let p = 0; p < depth; p++) {
    for (let v = 0; v < 4; v++) {
      let value: f32 = 0;
      if (v < valid) value = load<f32>(from + (byVector ? at(v, stride, p) : at(p, stride, v)));
      store<f32>(to + ((<usize>v) << 2), value);
    }
    to += step;
  }
}
