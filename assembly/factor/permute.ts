import { elements } from '../address'

/** Row and column permutations; `index` holds n x i32. Each needs scratch for one column. */

/** X[i, :] <- X[index[i], :] (gather), m rows, n contiguous columns. */
export function gatherRows(m: i32, n: i32, x: usize, ldx: i32, index: usize, scratch: usize): void {
  for (let j: i32 = 0; j < n; j++) {
    memory.copy(scratch, x, elements(m))
    for (let i: usize = 0; i < (m as usize); i++) {
      store<Real>(x + i * sizeof<Real>(), load<Real>(scratch + elements(load<i32>(index + (i << 2)))))
    }
    x += elements(ldx)
  }
}

/** X[index[i], :] <- X[i, :] (scatter): undoes {@link gatherRows}. */
export function scatterRows(m: i32, n: i32, x: usize, ldx: i32, index: usize, scratch: usize): void {
  for (let j: i32 = 0; j < n; j++) {
    memory.copy(scratch, x, elements(m))
    for (let i: usize = 0; i < (m as usize); i++) {
      store<Real>(x + elements(load<i32>(index + (i << 2))), load<Real>(scratch + i * sizeof<Real>()))
    }
    x += elements(ldx)
  }
}

/** X[:, j] <- X[:, index[j]] in place, cycle by cycle. `index` is restored. */
export function gatherColumns(m: i32, n: i32, x: usize, ldx: i32, index: usize, scratch: usize): void {
  const bytes: usize = elements(m)
  const ld: usize = elements(ldx)
  for (let start: i32 = 0; start < n; start++) {
    const first = load<i32>(index + ((start as usize) << 2))
    if (first < 0 || first == start) continue
    memory.copy(scratch, x + (start as usize) * ld, bytes)
    let j = start
    while (true) {
      const at: usize = index + ((j as usize) << 2)
      const from = load<i32>(at)
      store<i32>(at, ~from)
      if (from == start) {
        memory.copy(x + (j as usize) * ld, scratch, bytes)
        break
      }
      memory.copy(x + (j as usize) * ld, x + (from as usize) * ld, bytes)
      j = from
    }
  }
  for (let j: i32 = 0; j < n; j++) {
    const at: usize = index + ((j as usize) << 2)
    const v = load<i32>(at)
    if (v < 0) store<i32>(at, ~v)
  }
}
