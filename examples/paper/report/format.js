const MINUS = '−'

/** The text with what HTML would read as markup escaped. */
export const escaped = (text) =>
  String(text).replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c])

/** A number in `digits` significant digits, as HTML: powers of ten where there would be many zeros. */
export function number(value, digits = 3) {
  if (!Number.isFinite(value)) return String(value)
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (size >= 1e-3 && size < 1e5) {
    const places = Math.max(0, digits - 1 - Math.floor(Math.log10(size)))
    return value.toFixed(places).replace('-', MINUS)
  }
  const [factor, power] = value.toExponential(digits - 1).split('e')
  return `${factor.replace('-', MINUS)}&nbsp;×&nbsp;10<sup>${String(Number(power)).replace('-', MINUS)}</sup>`
}

/** Median and the 5 to 95 % interval under it. */
export const spreadCell = ({ median, low, high }, digits = 3) =>
  `${number(median, digits)}<small>${number(low, digits)} to ${number(high, digits)}</small>`

/** '1 trial', '3 trials'. */
export const counted = (amount, what) => `${amount} ${what}${amount === 1 ? '' : 's'}`

/** A share as a percentage. */
export const percent = (share, places = 1) => `${(100 * share).toFixed(places).replace('-', MINUS)}&nbsp;%`

/** Median and interval of shares, as percentages. */
export const percentSpreadCell = ({ median, low, high }, places = 1) =>
  `${percent(median, places)}<small>${percent(low, places)} to ${percent(high, places)}</small>`

/** Nothing for a deviation of 0, which a single trial has. */
const plusMinus = (text, deviation) => (deviation === 0 ? '' : `<small>± ${text}</small>`)

/** A minus sign for a hyphen in front of a number. */
export const withMinus = (text) => text.replace(/(^|[\s(])-(?=\d)/g, `$1${MINUS}`)

/** Mean and deviation of shares, as percentages. */
export const percentCell = ({ mean, deviation }) =>
  `${(100 * mean).toFixed(1).replace('-', MINUS)}${plusMinus((100 * deviation).toFixed(1), deviation)}`

/** Mean and deviation. */
export const meanCell = ({ mean, deviation }, digits = 3) =>
  `${number(mean, digits)}${plusMinus(number(deviation, 2), deviation)}`
