/** The next address that starts a cache line: parts of a scratch area begin there. */
export function align64(address: usize): usize {
  return (address + 63) & ~(63 as usize)
}
