// Bit patterns in and out, never numbers: a NaN keeps its payload, which a trip through a JavaScript number may not.
//
//            sign  exponent (bias)   fraction
//   binary16    1         5    (15)        10      IEEE 754
//   bfloat16    1         8   (127)         7      the upper half of a binary32
//   binary32    1         8   (127)        23      IEEE 754

const BIAS_SHIFT = 127 - 15
const FRACTION_SHIFT = 23 - 10
const INFINITY_32 = 0x7f800000
const QUIET_16 = 0x200
const QUIET_BF16 = 0x40
// 65520 lies half-way between the largest binary16, 65504, and the next power of two: it rounds to even, to infinity.
const OVERFLOW_16 = 0x477ff000
const SMALLEST_NORMAL_16 = 0x38800000

/** x / 2^shift, rounded to nearest, ties to even, for 0 <= x < 2^31 and 1 <= shift <= 31. */
function roundedShift(x: number, shift: number): number {
  const quotient = x >>> shift
  const remainder = x - quotient * 2 ** shift
  const half = 2 ** (shift - 1)
  return remainder > half || (remainder === half && quotient % 2 === 1) ? quotient + 1 : quotient
}

/** The binary32 pattern of a binary16 pattern: exact. */
export function widenHalf(half: number): number {
  const sign = (half & 0x8000) << 16
  const exponent = (half >>> 10) & 0x1f
  const fraction = half & 0x3ff
  if (exponent === 0x1f) return (sign | INFINITY_32 | (fraction << FRACTION_SHIFT)) >>> 0
  if (exponent > 0) return (sign | ((exponent + BIAS_SHIFT) << 23) | (fraction << FRACTION_SHIFT)) >>> 0
  if (fraction === 0) return sign >>> 0
  const leading = Math.clz32(fraction) - 21
  return (sign | ((1 + BIAS_SHIFT - leading) << 23) | (((fraction << leading) & 0x3ff) << FRACTION_SHIFT)) >>> 0
}

/** The binary16 pattern nearest to a binary32 pattern, ties to even; beyond the range it is infinite. */
export function narrowToHalf(float: number): number {
  const sign = (float >>> 16) & 0x8000
  const magnitude = float & 0x7fffffff
  if (magnitude > INFINITY_32) return sign | 0x7c00 | ((magnitude >>> FRACTION_SHIFT) & 0x3ff || QUIET_16)
  if (magnitude >= OVERFLOW_16) return sign | 0x7c00
  if (magnitude >= SMALLEST_NORMAL_16) return sign | roundedShift(magnitude - (BIAS_SHIFT << 23), FRACTION_SHIFT)
  const shift = 126 - (magnitude >>> 23)
  if (shift > 24) return sign
  return sign | roundedShift((magnitude & 0x7fffff) | 0x800000, shift)
}

/** The binary32 pattern of a bfloat16 pattern: exact. */
export function widenBrain(brain: number): number {
  return (brain << 16) >>> 0
}

/** The bfloat16 pattern nearest to a binary32 pattern, ties to even. */
export function narrowToBrain(float: number): number {
  const sign = (float >>> 16) & 0x8000
  const magnitude = float & 0x7fffffff
  if (magnitude > INFINITY_32) return (float >>> 16) | ((magnitude >>> 16) & 0x7f ? 0 : QUIET_BF16)
  return sign | roundedShift(magnitude, 16)
}

/** The floats of patterns that are `widenHalf` or `widenBrain` float32 ones. */
export function widened(narrow: ArrayLike<number>, widen: (bits: number) => number): Float32Array {
  return new Float32Array(Uint32Array.from(narrow, widen).buffer)
}
