/**
 * The k best of what comes by, in two arrays: keys (float32), then places (u32). A heap with the worst on top: what is not among the best
 * costs one comparison. Places come in ascending order, so that of equal keys the one that came first stays.
 */

function precedes(keys: usize, places: usize, i: i32, key: f32, place: u32): bool {
  const other = load<f32>(keys + ((i as usize) << 2))
  return other < key || (other == key && load<u32>(places + ((i as usize) << 2)) > place)
}

/** Replaces the worst. */
export function push(k: i32, keys: usize, key: f32, place: u32): void {
  const places = keys + ((k as usize) << 2)
  let at: i32 = 0
  for (;;) {
    let child = 2 * at + 1
    if (child >= k) break
    const right = child + 1
    if (right < k) {
      const to = (child as usize) << 2
      if (precedes(keys, places, right, load<f32>(keys + to), load<u32>(places + to))) child = right
    }
    if (!precedes(keys, places, child, key, place)) break
    const to = (at as usize) << 2
    const from = (child as usize) << 2
    store<f32>(keys + to, load<f32>(keys + from))
    store<u32>(places + to, load<u32>(places + from))
    at = child
  }
  const to = (at as usize) << 2
  store<f32>(keys + to, key)
  store<u32>(places + to, place)
}

/** The first of [from, count) whose value is above the threshold; `count` if there is none. Values to the next multiple of four are read. */
export function seek(values: usize, from: i32, count: i32, threshold: f32): i32 {
  const t = f32x4.splat(threshold)
  let i = from
  for (; i < count && (i & 3) != 0; i++) if (load<f32>(values + ((i as usize) << 2)) > threshold) return i
  while (i < count && !v128.any_true(f32x4.gt(v128.load(values + ((i as usize) << 2)), t))) i += 4
  for (; i < count; i++) if (load<f32>(values + ((i as usize) << 2)) > threshold) return i
  return count
}

/** Takes in what is among the best of `count` values, those of the places from `first` on. */
export function select(k: i32, keys: usize, values: usize, count: i32, first: u32): void {
  for (let i = seek(values, 0, count, load<f32>(keys)); i < count; i = seek(values, i + 1, count, load<f32>(keys))) {
    push(k, keys, load<f32>(values + ((i as usize) << 2)), first + (i as u32))
  }
}
