/** Columns padded to their widest cell: the first to the left, the others (numbers) to the right. One line per row. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows.reduce<number[]>((w, row) => row.map((cell, j) => Math.max(w[j] ?? 0, cell.length)), [])
  const pad = (cell: string, j: number) => (j === 0 ? cell.padEnd(widths[j]) : cell.padStart(widths[j]))
  return rows.map((row) => row.map(pad).join('  ').trimEnd())
}

/** Four significant digits; an exponent only where the plain form would hide them. */
export function significant(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value)
  const magnitude = Math.abs(value)
  return magnitude < 1e-3 || magnitude >= 1e6 ? value.toExponential(3) : value.toPrecision(4)
}

/** A share of one, such as a recall. */
export function share(value: number): string {
  return value.toFixed(4)
}
