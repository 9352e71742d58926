/** An unsigned LEB128 number at `at`, and where it ends. */
function leb(bytes, at) {
  let value = 0
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]
    value += (byte & 127) * 2 ** shift
    if (byte < 128) return [value, at]
  }
}

/** A WebAssembly binary cut at its function bodies: what lies before them, each of them, and what lies behind. */
function pieces(bytes) {
  const CODE = 10
  const cuts = [0]
  for (let at = 8; at < bytes.length;) {
    const id = bytes[at]
    const [length, start] = leb(bytes, at + 1)
    if (id === CODE) {
      let [functions, body] = leb(bytes, start)
      for (cuts.push(body); functions > 0; functions--) {
        const [size, first] = leb(bytes, body)
        body = first + size
        cuts.push(body)
      }
    }
    at = start + length
  }
  return cuts.map((cut, i) => Buffer.from(bytes.subarray(cut, cuts[i + 1])).toString('hex'))
}

/**
 * Two builds of one source as one text: pieces of hexadecimal digits with commas between them; where the builds differ, a bar and the
 * second build's piece follow the first's. src/runtime/binary.ts reads it.
 *
 * Text needs no asset pipeline, so it survives every bundler. Hexadecimal, since gzip sees bytes that repeat, which base64 hides from it;
 * and function beside function, within gzip's window of 32 KiB, so that the second build costs little.
 *
 * @param {Uint8Array} first
 * @param {Uint8Array} second
 */
export function wasmText(first, second) {
  const [a, b] = [pieces(first), pieces(second)]
  const text = []
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [x = '', y = ''] = [a[i], b[i]]
    text.push(x === y ? x : `${x}|${y}`)
  }
  return text.join()
}
