import { gzipSync } from 'node:zlib'

/** An unsigned LEB128 number at `at`, and where it ends. */
export function leb(bytes, at) {
  let value = 0
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]
    value += (byte & 127) * 2 ** shift
    if (byte < 128) return [value, at]
  }
}

const CODE = 10

/** Where the parts of a binary are: the code section, and each function's body, from its size on and from behind that. */
function functionsOf(bytes) {
  for (let at = 8; at < bytes.length;) {
    const id = bytes[at]
    const [length, start] = leb(bytes, at + 1)
    if (id === CODE) {
      let [count, body] = leb(bytes, start)
      const functions = []
      for (; count > 0; count--) {
        const [size, first] = leb(bytes, body)
        functions.push({ start: body, first, end: first + size })
        body = first + size
      }
      return { section: at, functions, end: body }
    }
    at = start + length
  }
  throw new Error('there is no code')
}

const hex = (bytes) => Buffer.from(bytes).toString('hex')

/** The functions of a binary with their sizes, in hexadecimal digits. */
export function functionPieces(bytes) {
  return functionsOf(bytes).functions.map(({ start, end }) => hex(bytes.subarray(start, end)))
}

/** What lies before the code of a binary, and the functions without their sizes, which follow from them. @throws if anything lies behind */
function pieces(bytes) {
  const { section, functions, end } = functionsOf(bytes)
  if (end < bytes.length) throw new Error('there is something behind the code, for which the text has no place')
  return [bytes.subarray(0, section), ...functions.map(({ first, end }) => bytes.subarray(first, end))].map(hex)
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
/** How many of them stand for a word by themselves; each of the rest makes one for another together with any of these. */
const SINGLES = 81
/** How often the two words that most often follow one another become one: as gzip takes least for. */
const JOINED = [0, 16]

/** Instructions of a build without fused products, and what there is in their place where products are fused: of float64, and of float32. */
const FUSED = {
  f64: [['fdf201', ''], ['fdf001', 'fd8702'], ['fdf101', 'fd8802']],
  f32: [['fde601', ''], ['fde401', 'fd8502'], ['fde501', 'fd8602']],
} // prettier-ignore

const bytesIn = (digits) => digits.match(/../g) ?? []

/** How far two builds of a piece may be apart, in bytes, beyond the difference of their lengths. */
const APART = 48

/**
 * Two builds of one piece as one sequence of words, with the fewest of them: bytes, what stands for two instructions, and where nothing else
 * helps, a bar and what only the first has, a bar and what only the second has, and a bar.
 *
 * @param {{ word: string, forms: [string, string] }[]} fused
 */
function merged(first, second, fused) {
  if (first === second) return bytesIn(first)
  const [a, b] = [bytesIn(first), bytesIn(second)]
  const longer = b.length - a.length
  const [low, high] = [Math.min(0, longer) - APART, Math.max(0, longer) + APART]
  const place = (i, j) => i * (high - low + 1) + j - i - low
  const costs = new Float64Array((a.length + 1) * (high - low + 1)).fill(Infinity)
  const steps = new Array(costs.length)
  costs[place(0, 0)] = 0
  const both = { rows: 1, cols: 1 }
  const [only, other] = [{ rows: 1, cols: 0, side: 0 }, { rows: 0, cols: 1, side: 1 }] // prettier-ignore
  const endsOf = (bytes, form) => bytes.map((_, i) => bytes.slice(i + 1 - form.length / 2, i + 1).join('') === form)
  const pairs = fused.map(({ word, forms: [x, y] }) => {
    const step = { word, rows: x.length / 2, cols: y.length / 2 }
    return { step, inA: [false, ...endsOf(a, x)], inB: y === '' ? undefined : [false, ...endsOf(b, y)] }
  })
  for (let i = 0; i <= a.length; i++) {
    for (let j = Math.max(0, i + low); j <= Math.min(b.length, i + high); j++) {
      const at = place(i, j)
      const reach = (step, i, j, cost) => {
        if (i < 0 || j < 0 || j - i < low || j - i > high) return
        const from = place(i, j)
        // Three bars for each stretch of what only one has.
        const whole = costs[from] + (step.side === undefined || steps[from]?.side !== undefined ? cost : 4)
        if (!(whole < costs[at])) return
        costs[at] = whole
        steps[at] = step
      }
      if (a[i - 1] === b[j - 1]) reach(both, i - 1, j - 1, 1)
      for (const { step, inA, inB } of pairs) {
        if (inA[i] && (inB?.[j] ?? true)) reach(step, i - step.rows, j - step.cols, 1)
      }
      reach(only, i - 1, j, 1)
      reach(other, i, j - 1, 1)
    }
  }
  return wordsAlong(a, b, (i, j) => steps[place(i, j)])
}

/** The words of the steps that lead to the end of both. */
function wordsAlong(a, b, stepTo) {
  const path = []
  for (let [i, j] = [a.length, b.length]; i + j > 0;) {
    const step = stepTo(i, j)
    i -= step.rows
    j -= step.cols
    path.push({ step, bytes: [a[i], b[j]] })
  }
  const words = []
  let sides
  const close = () => {
    if (sides !== undefined) words.push('|', ...sides[0], '|', ...sides[1], '|')
    sides = undefined
  }
  for (const { step, bytes } of path.reverse()) {
    if (step.side !== undefined) (sides ??= [[], []])[step.side].push(bytes[step.side])
    else {
      close()
      words.push(step.word ?? bytes[0])
    }
  }
  close()
  return words
}

const isPlain = (word) => !/[|/]/.test(word)

/** The same sequences with the two words that most often follow one another as one word, time and again. */
function joined(sequences, times) {
  for (; times > 0; times--) {
    const counts = new Map()
    for (const words of sequences) {
      for (let i = 1; i < words.length; i++) {
        if (!isPlain(words[i - 1] + words[i])) continue
        const pair = `${words[i - 1]} ${words[i]}`
        counts.set(pair, (counts.get(pair) ?? 0) + 1)
      }
    }
    const [most] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a))
    const [x, y] = most.split(' ')
    sequences = sequences.map((words) => {
      const out = []
      for (const word of words) {
        if (word === y && out.at(-1) === x) out[out.length - 1] = x + y
        else out.push(word)
      }
      return out
    })
  }
  return sequences
}

/** All words: those that one character stands for, from the most to the least frequent; then the others, of which single bytes are last and ascend. */
function byFrequency(sequences) {
  const counts = new Map(Array.from({ length: 256 }, (_, byte) => [byte.toString(16).padStart(2, '0'), 0]))
  for (const word of sequences.flat()) if (word !== '|') counts.set(word, (counts.get(word) ?? 0) + 1)
  const words = [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a))
  const others = words.splice(SINGLES)
  const listed = [...words, ...others.filter((word) => word.length > 2)]
  return { listed, all: [...listed, ...others.filter((word) => word.length === 2).sort()] }
}

/** A sequence in characters of the alphabet, one for a frequent word and two for others. */
function encoded(words, codes) {
  return words
    .map((word) => {
      if (word === '|') return word
      const code = codes.get(word)
      if (code < SINGLES) return ALPHABET[code]
      return ALPHABET[Math.floor(code / SINGLES) + SINGLES - 1] + ALPHABET[code % SINGLES]
    })
    .join('')
}

/**
 * Four builds of one source as one text: the alphabet, the words that are no rare bytes, and behind a comma each the pieces of the float64
 * builds; behind the piece that it is most like, each piece of the float32 builds as `;index:piece`. A word is written as its bytes in hexadecimal
 * digits; or as `simd/relaxed`, or `simd/relaxed/simd/relaxed` of float64 and float32, where it differs. src/runtime/compilation.ts reads it.
 *
 * Text needs no asset pipeline, so it survives every bundler. Mostly one character a word, since gzip then sees words that repeat, which
 * base64 hides from it; and like beside like, within gzip's window of 32 KiB, so that the other builds cost little.
 *
 * @param {{ f64: [simd: Uint8Array, relaxed: Uint8Array], f32?: [simd: Uint8Array, relaxed: Uint8Array] }} builds - of one precision
 *   alone, or of one for both, two only
 */
export function wasmText({ f64, f32 }) {
  const forBoth = FUSED.f64.map((forms, i) => [...forms, ...FUSED.f32[i]].join('/'))
  const words = (precision) =>
    f32 === undefined
      ? Object.values(FUSED).flatMap((all) => all.map((forms) => ({ word: forms.join('/'), forms })))
      : FUSED[precision].map((forms, i) => ({ word: forBoth[i], forms }))
  const sequencesOf = ([simd, relaxed], fused) => {
    const others = pieces(relaxed)
    return pieces(simd).map((piece, i) => merged(piece, others[i], fused))
  }
  const doubles = sequencesOf(f64, words('f64'))
  const singles = f32 === undefined ? [] : sequencesOf(f32, words('f32'))
  const place = likest(
    singles.map((words) => words.join('')),
    doubles.map((words) => words.join('')),
  )
  const texts = JOINED.map((times) => {
    const sequences = joined([...doubles, ...singles], times)
    const { listed, all } = byFrequency(sequences)
    const codes = new Map(all.map((word, code) => [word, code]))
    const written = sequences.map((words) => encoded(words, codes))
    const behind = (i) => singles.map((_, j) => (place[j] === i ? `;${j}:${written[doubles.length + j]}` : '')).join('')
    return [ALPHABET + listed.join(';'), ...doubles.map((_, i) => written[i] + behind(i))].join()
  })
  const text = texts.reduce((best, text) => (gzipSync(text).length < gzipSync(best).length ? text : best))
  if ([...f64, ...(f32 ?? [])].some(({ length }) => length > 1.8 * text.length))
    throw new Error('there is no room to read it')
  return text
}
