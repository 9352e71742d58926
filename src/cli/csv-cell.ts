/** A text as a cell of CSV, in quotes where it needs them. */
export function csvCell(word: string, delimiter = ','): string {
  return /[",;\t\r\n]|^\s|\s$/.test(word) || word.includes(delimiter) ? `"${word.replaceAll('"', '""')}"` : word
}
