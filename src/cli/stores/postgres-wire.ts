// A vector on the wire, which vector_send gives and a parameter of type vector[] takes: its length (int16), two unused bytes and its
// numbers (float32), all big-endian. An array: how many axes, whether there are nulls, the type of its elements, of the axis the
// length and the first index, and each element after the number of its bytes (all int32).
const VECTOR_HEADER = 4
const ARRAY_HEADER = 20

/**
 * Vectors as vector_send gave them, in base64.
 *
 * @throws RangeError if one has not so many numbers; the message names its id
 */
export function decodedVectors(ids: readonly string[], texts: readonly string[], width: number): Float32Array {
  const bytes = Buffer.from(new ArrayBuffer(4 * width * ids.length))
  texts.forEach((text, i) => {
    const vector = Buffer.from(text, 'base64')
    if (vector.length !== VECTOR_HEADER + 4 * width) {
      throw new RangeError(`the vector of the row with id ${ids[i]} has ${(vector.length - VECTOR_HEADER) / 4} numbers, those before it ${width}`) // prettier-ignore
    }
    vector.copy(bytes, 4 * width * i, VECTOR_HEADER)
  })
  bytes.swap32()
  return new Float32Array(bytes.buffer)
}

/** Rows of `vectors` as a parameter of type vector[]. @param element - the number that the type vector has in the database */
export function encodedVectors(vectors: Float32Array, width: number, element: number): Buffer {
  const rows = vectors.length / width
  const length = VECTOR_HEADER + 4 * width
  const out = Buffer.allocUnsafe(ARRAY_HEADER + rows * (4 + length))
  ;[1, 0, element, rows, 1].forEach((value, i) => out.writeInt32BE(value, 4 * i))
  const numbers = Buffer.from(vectors.slice().buffer).swap32()
  for (let i = 0, at = ARRAY_HEADER; i < rows; i++) {
    at = out.writeInt32BE(length, at)
    at = out.writeInt16BE(width, at)
    at = out.writeInt16BE(0, at)
    at += numbers.copy(out, at, 4 * width * i, 4 * width * (i + 1))
  }
  return out
}
