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
export function pieces(bytes) {
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

/** Two builds of one source, piece by piece: where they differ, a bar and the second build's piece follow the first's. */
function pairs(first, second) {
  const [a, b] = [pieces(first), pieces(second)]
  return Array.from({ length: Math.max(a.length, b.length) }, (_, i) => {
    const [x = '', y = ''] = [a[i], b[i]]
    return x === y ? x : `${x}|${y}`
  })
}

/** The strings of four bytes in a piece. */
function grams(piece) {
  const found = new Set()
  for (let i = 0; i + 8 <= piece.length; i += 2) found.add(piece.slice(i, i + 8))
  return found
}

/** For each piece the index of the one among `others` that it has most in common with. */
export function likest(own, others) {
  const known = others.map(grams)
  return own.map((piece) => {
    const wanted = [...grams(piece)]
    const shared = known.map((set) => wanted.filter((gram) => set.has(gram)).length)
    return shared.indexOf(Math.max(...shared))
  })
}

/** Characters that no quotes, template, markup or separator needs escaped or takes for its own. */
const ALPHABET = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i))
  .filter((c) => !'"\'`\\$<,;:|'.includes(c))
  .join('')
/** How many of them stand for a byte; each of the rest makes one for another byte together with any of these. */
const SINGLES = 81

/** All bytes: those that one character stands for, from the most to the least frequent, and behind them the others, ascending. */
function byFrequency(hex) {
  const counts = new Array(256).fill(0)
  for (const byte of Buffer.from(hex, 'hex')) counts[byte]++
  const order = Array.from(counts, (_, byte) => byte).sort((a, b) => counts[b] - counts[a])
  return Buffer.from([...order.slice(0, SINGLES), ...order.slice(SINGLES).sort((a, b) => a - b)])
}

/** A piece in characters of the alphabet, one for a frequent byte and two for others. */
function encoded(hex, order) {
  const codes = new Map(Array.from(order, (byte, i) => [byte, i]))
  return Array.from(Buffer.from(hex, 'hex'), (byte) => {
    const code = codes.get(byte)
    if (code < SINGLES) return ALPHABET[code]
    return ALPHABET[Math.floor(code / SINGLES) + SINGLES - 1] + ALPHABET[code % SINGLES]
  }).join('')
}

/**
 * Four builds of one source as one text: the alphabet, the frequent bytes, and behind a comma each the pieces of the float64 builds;
 * behind the piece that it is most like, each piece of the float32 builds as `;index:piece`. src/runtime/binary.ts reads it.
 *
 * Text needs no asset pipeline, so it survives every bundler. Mostly one character a byte, since gzip then sees bytes that repeat, which
 * base64 hides from it; and like beside like, within gzip's window of 32 KiB, so that the other builds cost little.
 *
 * @param {{ f64: [simd: Uint8Array, relaxed: Uint8Array], f32?: [simd: Uint8Array, relaxed: Uint8Array] }} builds - of one precision
 *   alone, or of one for both, two only
 */
export function wasmText({ f64, f32 }) {
  const [doubles, singles] = [pairs(...f64), f32 === undefined ? [] : pairs(...f32)]
  const order = byFrequency([...doubles, ...singles].join('').replaceAll('|', ''))
  const place = likest(singles, doubles)
  const write = (pair) => pair.split('|').map((piece) => encoded(piece, order)).join('|') // prettier-ignore
  const behind = (i) => singles.map((pair, j) => (place[j] === i ? `;${j}:${write(pair)}` : '')).join('')
  return [ALPHABET + order.toString('hex', 0, SINGLES), ...doubles.map((pair, i) => write(pair) + behind(i))].join()
}
