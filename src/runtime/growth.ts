import { OutOfMemoryError } from '../errors.js'

const PAGE_BYTES = 65536
const MAX_BYTES = 4 * 1024 ** 3

/** Grows memory to `end` bytes, for `wanted` more than are in use. @throws OutOfMemoryError when it cannot grow that far */
export function growTo(memory: WebAssembly.Memory, end: number, wanted: number, advice: string): void {
  const held = memory.buffer.byteLength
  const missing = end - held
  if (missing <= 0) return
  const explain = () =>
    `${Math.ceil(wanted / 1024 ** 2)} MiB more are needed beside ${Math.ceil(held / 1024 ** 2)} MiB of WebAssembly memory; ` +
    `the limit is 4 GiB, or less where the runtime says so: ${advice}`
  if (held + missing > MAX_BYTES) throw new OutOfMemoryError(explain())
  try {
    memory.grow(Math.ceil(missing / PAGE_BYTES))
  } catch (cause) {
    throw new OutOfMemoryError(explain(), { cause })
  }
}
