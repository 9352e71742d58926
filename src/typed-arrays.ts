// Told by tag: every realm (a frame of a page, a vm context, Jest) has classes of its own, and `instanceof` knows those of one.

/** The class that an object's tag names: 'Float32Array', 'ArrayBuffer', 'Map', ... */
export function tagOf(x: unknown): string {
  return Object.prototype.toString.call(x).slice('[object '.length, -1)
}

/** The class of a typed array or DataView by name, '' for anything else. */
export function arrayClass(x: unknown): string {
  return ArrayBuffer.isView(x) ? tagOf(x) : ''
}

export function isFloat32(x: unknown): x is Float32Array {
  return arrayClass(x) === 'Float32Array'
}

/** Whether it is what matrices are held in. */
export function isFloats(x: unknown): x is Float32Array | Float64Array {
  return isFloat32(x) || arrayClass(x) === 'Float64Array'
}
