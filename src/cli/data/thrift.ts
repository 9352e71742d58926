const STOP = 0
const BINARY = 8
const MOST_NESTED = 64
const VARINT_BYTES = 10

/**
 * Where a Thrift struct ends that begins at `at`, in the compact protocol, whose lists each say how many elements follow: readers that take their word
 * for it fill the memory where there are none.
 *
 * @throws RangeError if it goes on beyond the bytes, or is none
 */
export function thriftEnd(view: DataView, at: number, depth = 0): number {
  if (depth > MOST_NESTED) throw new RangeError(`structs are nested deeper than ${MOST_NESTED}`)
  for (;;) {
    const field = view.getUint8(at++)
    if ((field & 0x0f) === STOP) return at
    // The number of the field follows, unless it is near to that of the last.
    if (field >> 4 === 0) at = varintEnd(view, at)
    at = valueEnd(view, at, field & 0x0f, depth, false)
  }
}

function valueEnd(view: DataView, at: number, type: number, depth: number, isElement: boolean): number {
  switch (type) {
    // Of a field, the type is the value of a boolean.
    case 1:
    case 2:
      return isElement ? at + 1 : at
    case 3:
      return at + 1
    case 4:
    case 5:
    case 6:
      return varintEnd(view, at)
    case 7:
      return at + 8
    case BINARY: {
      const start = varintEnd(view, at)
      return checkedEnd(view, start + varint(view, at))
    }
    case 9: {
      const head = view.getUint8(at++)
      let size = head >> 4
      if (size === 15) {
        size = varint(view, at)
        at = varintEnd(view, at)
      }
      // Every element takes a byte at least.
      checkedEnd(view, at + size)
      for (let i = 0; i < size; i++) at = valueEnd(view, at, head & 0x0f, depth, true)
      return at
    }
    case 12:
      return thriftEnd(view, at, depth + 1)
    default:
      throw new RangeError(`there is no type ${type}`)
  }
}

function checkedEnd(view: DataView, end: number): number {
  if (end > view.byteLength) throw new RangeError('it goes on beyond its bytes')
  return end
}

function varintEnd(view: DataView, at: number): number {
  const start = at
  while (view.getUint8(at++) & 0x80) if (at - start >= VARINT_BYTES) throw new RangeError('an integer is too long')
  return at
}

function varint(view: DataView, at: number): number {
  let value = 0
  for (let scale = 1; ; scale *= 0x80) {
    const byte = view.getUint8(at++)
    value += (byte & 0x7f) * scale
    if (byte < 0x80) return value
  }
}
