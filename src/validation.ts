import { wrongKind } from './describe.js'
import { Matrix, type MatrixData, type Precision, toMatrix } from './matrix.js'
import { inPieces, type Steps } from './steps.js'
import { isFloat32 } from './typed-arrays.js'

/**
 * Reads a {@link MatrixLike} and checks that every entry is finite.
 *
 * @throws TypeError if it is no matrix
 * @throws RangeError with the first offending index if an entry is NaN or infinite
 */
export function finiteMatrix(x: unknown, name: string): Matrix {
  const matrix = toMatrix(x, name)
  checkFinite(matrix.data, matrix, name, '; every entry must be finite: drop or impute such rows first')
  return matrix
}

/** @throws RangeError that names the first entry of the matrix for which the number here is not finite */
function checkFinite(numbers: MatrixData, { data, cols }: Matrix, name: string, problem: string): void {
  if (allFinite(numbers)) return
  const i = numbers.findIndex((x: number) => !Number.isFinite(x))
  throw new RangeError(`${name}: entry (${Math.floor(i / cols)}, ${i % cols}) is ${data[i]}${problem}`)
}

/**
 * A matrix of finite entries in the precision that is computed with: the same one if it needs no rounding.
 *
 * @throws RangeError with the first offending index if an entry is beyond float32
 */
export function inPrecision(matrix: Matrix, precision: Precision, name: string): Matrix {
  const { rows, cols, data } = matrix
  if (precision === 'f64' || isFloat32(data)) return matrix
  const rounded = new Float32Array(data)
  checkFinite(rounded, matrix, name, ", beyond the range of float32; scale the data or use precision 'f64'")
  return new Matrix(rows, cols, rounded)
}

/** The option `precision`, 'f64' unless it is given. @throws as {@link oneOf} */
export function precisionOf(value: unknown): Precision {
  return oneOf(value === undefined ? 'f64' : value, ['f64', 'f32'], 'precision')
}

/** Whether no number is NaN or infinite. Without a branch for each: x - x is 0 for a finite number, NaN for the others, and so is a sum of such differences. */
export function allFinite(data: MatrixData): boolean {
  const whole = data.length - (data.length % 4)
  let [a, b, c, d] = [0, 0, 0, 0]
  for (let i = 0; i < whole; i += 4) {
    a += data[i] - data[i]
    b += data[i + 1] - data[i + 1]
    c += data[i + 2] - data[i + 2]
    d += data[i + 3] - data[i + 3]
  }
  for (let i = whole; i < data.length; i++) a += data[i] - data[i]
  return a + b + c + d === 0
}

/** {@link allFinite} of a matrix, in bounded pieces. */
export function* isFiniteSteps({ rows, cols, data }: Matrix): Steps<boolean> {
  let finite = true
  yield* inPieces(rows, cols, (from, to) => (finite &&= allFinite(data.subarray(from * cols, to * cols))))
  return finite
}

/** @throws TypeError if `value` is no number, RangeError unless it `is` what it must be, `expected` in words */
export function numberThat(
  is: (value: number) => boolean,
  expected: string,
  value: unknown,
  name: string,
  kind = 'a number',
): number {
  if (typeof value !== 'number') throw wrongKind(name, kind, value)
  if (!is(value)) throw new RangeError(`${name} must be ${expected}, got ${value}`)
  return value
}

/** @throws TypeError if `value` is no number, RangeError unless it is an integer in [min, max] */
export function integerIn(value: unknown, min: number, max: number, name: string): number {
  if (typeof value !== 'number') throw wrongKind(name, 'an integer', value)
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${name} must be an integer from ${min} to ${max}, got ${value}`)
  }
  return value
}

/** @throws TypeError unless `value` is one of the strings in `choices` */
export function oneOf<T extends string>(value: unknown, choices: readonly T[], name: string): T {
  if (typeof value === 'string' && (choices as readonly string[]).includes(value)) return value as T
  const expected = `one of ${choices.map((c) => `'${c}'`).join(', ')}`
  throw typeof value === 'string'
    ? new RangeError(`${name} must be ${expected}, got '${value}'`)
    : wrongKind(name, expected, value)
}

/** @throws TypeError unless `value` is a number or undefined, RangeError if it is negative or NaN */
export function nonNegative(value: unknown, name: string): void {
  if (value !== undefined) numberThat((x) => x >= 0, '>= 0', value, name)
}

/** @throws TypeError if `value` is no number, RangeError unless it is finite and above 0 */
export function positive(value: unknown, name: string): number {
  return numberThat((x) => x > 0 && x < Infinity, 'finite and above 0', value, name)
}

/** @throws TypeError unless `value` is true, false or undefined */
export function flag(value: unknown, name: string): boolean {
  if (value !== undefined && typeof value !== 'boolean') {
    throw wrongKind(name, 'true or false', value)
  }
  return value ?? false
}

/** @throws TypeError unless `options` is an object */
export function optionsObject(options: unknown, name = 'options'): Record<string, unknown> {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw wrongKind(name, 'an object', options)
  }
  return options as Record<string, unknown>
}

/** Options that every asynchronous form has. */
const ASYNC_OPTIONS: readonly string[] = ['signal', 'onProgress', 'copy']

/**
 * The same object, with no options but these and those of asynchronous forms: a misspelt one would pass as its default.
 *
 * @throws TypeError unless it is one
 */
export function knownOptions<Options extends object>(
  options: Options,
  names: readonly string[],
): Options & Record<string, unknown> {
  const unknown = Object.keys(optionsObject(options)).find(
    (name) => !names.includes(name) && !ASYNC_OPTIONS.includes(name),
  )
  if (unknown === undefined) return options as Options & Record<string, unknown>
  const known = names.length === 0 ? 'none beside signal, onProgress and copy' : names.join(', ')
  throw new TypeError(`there is no option '${unknown}' here; there are: ${known}`)
}

/** The same object: plain JavaScript may have given anything in its place. @throws TypeError unless it is one */
export function givenObject<Options extends object>(options: Options, name = 'options'): Options {
  optionsObject(options, name)
  return options
}
