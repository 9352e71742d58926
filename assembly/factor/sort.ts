/** Sorts the indices 0 .. n - 1 so that keys[index[i]] decreases, equal keys in their old order. Heapsort: no scratch, n log n. */
export function argsortDescending(n: i32, keys: usize, index: usize): void {
  for (let i: i32 = 0; i < n; i++) store<i32>(index + ((i as usize) << 2), i)
  for (let i: i32 = n / 2 - 1; i >= 0; i--) siftDown(i, n, keys, index)
  for (let end: i32 = n - 1; end > 0; end--) {
    const last: usize = index + ((end as usize) << 2)
    const top = load<i32>(index)
    store<i32>(index, load<i32>(last))
    store<i32>(last, top)
    siftDown(0, end, keys, index)
  }
}

/** Whether a comes after b in the sorted order: smaller key, or the same and the larger index. */
function after(a: i32, b: i32, keys: usize): bool {
  const x = load<f64>(keys + ((a as usize) << 3))
  const y = load<f64>(keys + ((b as usize) << 3))
  return x < y || (x == y && a > b)
}

function siftDown(root: i32, n: i32, keys: usize, index: usize): void {
  const moved = load<i32>(index + ((root as usize) << 2))
  let i = root
  while (true) {
    let child = 2 * i + 1
    if (child >= n) break
    let c = load<i32>(index + ((child as usize) << 2))
    if (child + 1 < n) {
      const other = load<i32>(index + (((child + 1) as usize) << 2))
      if (after(other, c, keys)) {
        child++
        c = other
      }
    }
    if (!after(c, moved, keys)) break
    store<i32>(index + ((i as usize) << 2), c)
    i = child
  }
  store<i32>(index + ((i as usize) << 2), moved)
}
