// How text with blanks and word vectors are known, apart from their readers, which few need.

export const textOf = (head: Uint8Array): string => new TextDecoder().decode(head)

/** Whether a text is a table with blanks between its cells, of numbers or of words and numbers. */
export function isSpaced(head: Uint8Array): boolean {
  const [first] = textOf(head).split('\n', 1)
  return first.trim().includes(' ') && !/[,;\t]/.test(first) && /\d\s*$/.test(first)
}

/** Whether it is what word2vec writes with `-binary 1`: two numbers, then words with bytes. */
export function isBinaryWords(name: string, head: Uint8Array): boolean {
  return /\.bin$/i.test(name) && /^\d+ \d+\n/.test(textOf(head.subarray(0, 40)))
}
