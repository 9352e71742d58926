/** Rows of text cells as aligned lines: the first column to the left, the others to the right. */
export function alignedTable(rows) {
  const widths = rows[0].map((_, j) => Math.max(...rows.map((row) => row[j].length)))
  const pad = (cell, j) => (j === 0 ? cell.padEnd(widths[j]) : cell.padStart(widths[j]))
  return rows.map((row) => row.map(pad).join('  ').trimEnd()).join('\n')
}

/** The text in lines of at most `width` characters. */
export function wrapped(text, width = 90) {
  return text.replace(new RegExp(`(?=\\S)(.{1,${width}})(?:\\s+|$)`, 'g'), '$1\n').trimEnd()
}
