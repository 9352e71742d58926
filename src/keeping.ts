/** The bytes of a file. They are in an ArrayBuffer of their own, as a Blob asks for; before TypeScript 5.7 a plain Uint8Array. */
export type Bytes = ReturnType<Uint8Array['slice']>

const KEEP = 'keep the bytes of toBytes(), which loadAlignment or fromBytes reads'

/**
 * structuredClone, postMessage and IndexedDB copy properties and no private fields: a model would come out with its options and without
 * its weights. A property that is a symbol is what they refuse, and the message quotes it.
 */
export const NOT_CLONED = Symbol.for(`its numbers would be lost: ${KEEP}`)

/** What toJSON does, for the same reason. */
export function refuseJson(): never {
  throw new TypeError(`JSON would keep the options and lose all numbers: ${KEEP}`)
}
