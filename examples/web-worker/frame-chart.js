/** Waits up to this height; the scale is a square root, so that a frame of 16 ms can be seen beside a second. */
const TALLEST_MS = 1000
const HEIGHT_AT = (ms) => Math.sqrt(Math.min(ms, TALLEST_MS) / TALLEST_MS)
const LINES_MS = [16, 50, 200, 1000]
const BAR = 3

/** The last waits between frames, one bar each, the newest at the right. */
export class FrameChart {
  #canvas
  #waits = []

  constructor(canvas) {
    this.#canvas = canvas
  }

  add(wait) {
    this.#waits.push(wait)
    this.#draw()
  }

  #draw() {
    const { clientWidth: width, clientHeight: height } = this.#canvas
    const ratio = devicePixelRatio
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)]
    if (this.#canvas.width !== w || this.#canvas.height !== h) Object.assign(this.#canvas, { width: w, height: h })
    const context = this.#canvas.getContext('2d')
    const style = getComputedStyle(this.#canvas)
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    context.clearRect(0, 0, width, height)
    this.#waits.splice(0, this.#waits.length - Math.ceil((width - 60) / BAR))
    this.#lines(context, style, width, height)
    const start = width - BAR * this.#waits.length
    this.#waits.forEach((wait, i) => {
      const bar = HEIGHT_AT(wait) * (height - 14)
      context.fillStyle = style.getPropertyValue(wait > 50 ? '--bad' : '--accent')
      context.fillRect(start + BAR * i, height - bar, BAR - 1, bar)
    })
  }

  #lines(context, style, width, height) {
    context.font = `11px ${style.fontFamily}`
    context.textBaseline = 'middle'
    for (const ms of LINES_MS) {
      const y = Math.round(height - HEIGHT_AT(ms) * (height - 14)) + 0.5
      context.strokeStyle = style.getPropertyValue('--line')
      context.beginPath()
      context.moveTo(50, y)
      context.lineTo(width, y)
      context.stroke()
      context.fillStyle = style.getPropertyValue('--quiet')
      context.fillText(`${ms} ms`, 0, y)
    }
  }
}
