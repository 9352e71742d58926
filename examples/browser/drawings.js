/** The pixels of a picture: 16 rows of 15, from 0 to 6. */
const [WIDTH, HEIGHT, DARKEST] = [15, 16, 6]

/** A canvas of values as ink: 0 nothing, 1 black. In the dark the style sheet inverts it. */
function ink(width, height, values, label) {
  const canvas = Object.assign(document.createElement('canvas'), { width, height, className: 'ink' })
  canvas.setAttribute('role', 'img')
  canvas.setAttribute('aria-label', label)
  const context = canvas.getContext('2d')
  const image = context.createImageData(width, height)
  values.forEach((value, i) => (image.data[4 * i + 3] = Math.round(255 * value)))
  context.putImageData(image, 0, 0)
  return canvas
}

/** The picture of a digit. */
export function pictureOf(pixels, label) {
  const values = Float64Array.from(pixels, (v) => v / DARKEST)
  return ink(WIDTH, HEIGHT, values, label)
}

/** Deviations beyond this are drawn as this. */
const MOST = 2.5

/** An outline as a strip of bars, one a correlation: how far it is from the mean, in standard deviations. */
export function outlineOf(deviations, label) {
  const values = Float64Array.from(deviations, (z) => Math.min(1, Math.max(0, 0.5 + z / (2 * MOST))))
  const strip = ink(values.length, 1, values, label)
  strip.classList.add('outline')
  return strip
}
