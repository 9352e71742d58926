import { describe } from '../describe.js'
import { tagOf } from '../typed-arrays.js'

/** The contents of a file: its bytes, or the buffer that holds nothing else. */
export type FileBytes = Uint8Array | ArrayBufferLike

/** What turns other things that stand for a file into its bytes. */
function advice(x: unknown): string {
  if (typeof x === 'string') return ': read the file that it names, or decode it if it is base64'
  if (typeof x !== 'object' || x === null) return ''
  if ('then' in x) return ': await it'
  if ('arrayBuffer' in x) return ': give await x.arrayBuffer()'
  if ('data' in x) return ': give Uint8Array.from(x.data)'
  if (ArrayBuffer.isView(x)) return ': give new Uint8Array(x.buffer, x.byteOffset, x.byteLength)'
  return ': give Uint8Array.from(x) of a list of bytes, Uint8Array.from(Object.values(x)) of what JSON made of bytes'
}

/** @throws TypeError unless they are a Uint8Array or an ArrayBuffer, of any realm */
export function requireBytes(bytes: unknown): Uint8Array {
  const tag = tagOf(bytes)
  if (tag === 'Uint8Array') return bytes as Uint8Array
  if (tag === 'ArrayBuffer' || tag === 'SharedArrayBuffer') return new Uint8Array(bytes as ArrayBuffer)
  throw new TypeError(`the file must be a Uint8Array or an ArrayBuffer, got ${describe(bytes)}${advice(bytes)}`)
}
