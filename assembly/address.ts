/** Bytes of n elements. */
export function elements(n: i32): usize {
  return (n as usize) * sizeof<Real>()
}

/** Where element (i, j) of a matrix is whose contiguous columns are `ld` elements apart. */
export function entry(matrix: usize, ld: i32, i: i32, j: i32): usize {
  return matrix + ((i as usize) + (j as usize) * (ld as usize)) * sizeof<Real>()
}

/** The next address that starts a cache line: parts of a scratch area begin there. */
export function align64(address: usize): usize {
  return (address + 63) & ~(63 as usize)
}

/** Bytes of a part of a scratch area: whole cache lines, so that the next part begins one. */
export function lines(bytes: u64): u64 {
  return (bytes + 63) & ~(63 as u64)
}

/** Bytes of a part that holds so many elements. */
export function part(count: u64): u64 {
  return lines(count * sizeof<Real>())
}

/** A state to lay out on paper only, for what its parts take. */
export function paper<T>(): T {
  return changetype<T>(memory.data(offsetof<T>(), 8))
}

/** A count of bytes as a pointer can hold it: what does not fit the address space becomes its end, which cannot be had either. */
export function bytes(count: u64): usize {
  return min<u64>(count, 0xffffffff) as usize
}
