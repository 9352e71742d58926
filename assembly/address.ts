/** The next address that starts a cache line: parts of a scratch area begin there. */
export function align64(address: usize): usize {
  return (address + 63) & ~(63 as usize)
}

/** A count of bytes as a pointer can hold it: what does not fit the address space becomes its end, which cannot be had either. */
export function bytes(count: u64): usize {
  return min<u64>(count, 0xffffffff) as usize
}
