import { named, wrongKind } from './describe.js'
import { isVector, numbersOf } from './matrix-input.js'
import type { MatrixData } from './matrix.js'
import { isFloats } from './typed-arrays.js'

/** A list of numbers, as a query is: of an encoder, or from JSON. */
export type VectorLike = ArrayLike<number>

/**
 * The numbers of a vector; float32 and float64 are not copied.
 *
 * @throws TypeError if it is no list of numbers, RangeError if it has another length
 */
export function readVector(x: unknown, name: string, length: number): MatrixData {
  if (!isFloats(x) && !isVector(x)) {
    throw wrongKind(name, `a vector, an array of ${length} numbers`, x)
  }
  if (x.length !== length) throw new RangeError(`${name} has ${x.length} numbers, expected ${length}`)
  return named(name, () => numbersOf(x))
}

/** @throws RangeError that names the first entry that is NaN or infinite, if there is one */
export function refuseEntry(x: MatrixData, name: string): void {
  const i = x.findIndex((value) => !Number.isFinite(value))
  if (i >= 0) throw new RangeError(`${name}: entry ${i} is ${x[i]}; every entry must be finite`)
}

/** The vector that is written to: the one given, or a new one. @throws TypeError or RangeError unless it is float32 or float64 of that length */
export function outputVector(out: unknown, length: number, isSingle: boolean): MatrixData {
  if (out === undefined) return isSingle ? new Float32Array(length) : new Float64Array(length)
  if (!isFloats(out)) throw wrongKind('out', 'a Float32Array or a Float64Array', out)
  if (out.length !== length) throw new RangeError(`out has ${out.length} entries, expected ${length}`)
  return out
}
