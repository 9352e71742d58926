// Ten hues that keep their distance from each other on a white page and on a black one.
const HUES = [
  '#4269d0',
  '#e0a100',
  '#ff725c',
  '#33c2c2',
  '#2f9e44',
  '#ff8ab7',
  '#a463f2',
  '#7db2ff',
  '#9c6b4e',
  '#8b8f98',
]
const DURATION = 700
const REACH = 18
const MARGIN = 28

const calm = matchMedia('(prefers-reduced-motion: reduce)')
const dark = matchMedia('(prefers-color-scheme: dark)')
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1]
const ease = (t) => (t < 0.5 ? 4 * t ** 3 : 1 - (2 - 2 * t) ** 3 / 2)

/** The list of digits and their colours. */
export function fillLegend(list) {
  list.replaceChildren(
    ...HUES.map((hue, digit) => {
      const item = document.createElement('li')
      item.textContent = digit
      item.style.setProperty('--hue', hue)
      return item
    }),
  )
}

/**
 * Pairs of points on a canvas: 2 n rows of a plane, the n pictures before the n outlines. It goes from one plane to the next by
 * moving every point, and says which pair is pointed at and which is chosen.
 */
export class PlaneView {
  #canvas
  #context
  #labels = []
  #shown
  #target
  #started = 0
  #pair = -1
  #listeners

  constructor(canvas, listeners) {
    this.#canvas = canvas
    this.#context = canvas.getContext('2d')
    this.#listeners = listeners
    new ResizeObserver(() => this.#draw()).observe(canvas)
    dark.addEventListener('change', () => this.#draw())
    canvas.addEventListener('pointermove', (event) => this.point(this.#nearest(event)))
    canvas.addEventListener('pointerleave', () => this.point(-1))
    canvas.addEventListener('click', () => this.#pair >= 0 && listeners.choose(this.#pair))
    canvas.addEventListener('keydown', (event) => this.#key(event))
  }

  /** Shows other points of the same pairs, or other pairs. */
  show(plane, labels, samePairs) {
    this.#labels = labels
    const from = samePairs && !calm.matches ? this.#shown : undefined
    this.#target = plane.data
    this.#shown = Float64Array.from(from ?? plane.data)
    this.#started = performance.now()
    if (from === undefined) this.#draw()
    else this.#move(Float64Array.from(from), plane.data)
  }

  /** Marks a pair; -1 for none. */
  point(pair) {
    if (pair === this.#pair) return
    this.#pair = pair
    this.#draw()
    this.#listeners.point(pair)
  }

  #move(from, to) {
    const t = Math.min(1, (performance.now() - this.#started) / DURATION)
    if (to !== this.#target) return
    for (let i = 0; i < to.length; i++) this.#shown[i] = from[i] + ease(t) * (to[i] - from[i])
    this.#draw()
    if (t < 1) requestAnimationFrame(() => this.#move(from, to))
  }

  #key(event) {
    const n = this.#labels.length
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
    if (step !== undefined && n > 0) this.point((this.#pair + step + n) % n)
    else if (event.key === 'Enter' && this.#pair >= 0) this.#listeners.choose(this.#pair)
    else return
    event.preventDefault()
  }

  #nearest({ offsetX, offsetY }) {
    let [best, least] = [-1, REACH]
    for (let i = 0; i < 2 * this.#labels.length; i++) {
      const distance = Math.hypot(this.#x(i) - offsetX, this.#y(i) - offsetY)
      if (distance < least) [best, least] = [i % this.#labels.length, distance]
    }
    return best
  }

  /** Fits the points that are gone to, not those on the way, into the canvas. */
  #fit() {
    const { clientWidth, clientHeight } = this.#canvas
    const extent = (axis) => {
      const values = this.#target.filter((_, i) => i % 2 === axis)
      const [least, most] = [Math.min(...values), Math.max(...values)]
      return { middle: (least + most) / 2, length: most - least }
    }
    const [x, y] = [extent(0), extent(1)]
    const scale = Math.min((clientWidth - MARGIN) / x.length, (clientHeight - MARGIN) / y.length)
    this.#frame = { scale, left: clientWidth / 2 - scale * x.middle, top: clientHeight / 2 + scale * y.middle }
  }

  #frame = { scale: 1, left: 0, top: 0 }
  #x = (i) => this.#frame.left + this.#frame.scale * this.#shown[2 * i]
  #y = (i) => this.#frame.top - this.#frame.scale * this.#shown[2 * i + 1]

  #draw() {
    if (this.#shown === undefined) return
    const { clientWidth, clientHeight } = this.#canvas
    const ratio = devicePixelRatio
    Object.assign(this.#canvas, { width: Math.round(clientWidth * ratio), height: Math.round(clientHeight * ratio) })
    this.#fit()
    const context = this.#context
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    context.clearRect(0, 0, clientWidth, clientHeight)
    const n = this.#labels.length
    const faded = this.#pair >= 0 ? 0.35 : 1
    for (let i = 0; i < n; i++) this.#drawPair(i, 0.55 * faded, 0.95 * faded, 1)
    this.#drawNames()
    if (this.#pair >= 0) this.#drawPair(this.#pair, 1, 1, 2.4)
  }

  #drawPair(i, line, mark, size) {
    const context = this.#context
    const j = i + this.#labels.length
    context.strokeStyle = context.fillStyle = HUES[this.#labels[i]]
    context.globalAlpha = line
    context.lineWidth = size * 0.8
    context.beginPath()
    context.moveTo(this.#x(i), this.#y(i))
    context.lineTo(this.#x(j), this.#y(j))
    context.stroke()
    context.globalAlpha = mark
    context.beginPath()
    context.arc(this.#x(i), this.#y(i), 1.9 * size, 0, 2 * Math.PI)
    context.fill()
    const arm = 2.2 * size
    context.lineWidth = 1.1 * size
    context.beginPath()
    for (const sign of [-1, 1]) {
      context.moveTo(this.#x(j) - arm, this.#y(j) - sign * arm)
      context.lineTo(this.#x(j) + arm, this.#y(j) + sign * arm)
    }
    context.stroke()
    context.globalAlpha = 1
  }

  /** Every digit's name in the middle of its points. */
  #drawNames() {
    const context = this.#context
    const style = getComputedStyle(this.#canvas)
    context.font = `700 17px ${style.fontFamily}`
    context.textAlign = 'center'
    context.textBaseline = 'middle'
    context.lineJoin = 'round'
    context.lineWidth = 5
    context.strokeStyle = style.getPropertyValue('--page')
    context.fillStyle = style.color
    for (let digit = 0; digit < 10; digit++) {
      const own = Array.from({ length: 2 * this.#labels.length }, (_, i) => i).filter(
        (i) => this.#labels[i % this.#labels.length] === digit,
      )
      if (own.length === 0) continue
      const [x, y] = [median(own.map(this.#x)), median(own.map(this.#y))]
      context.strokeText(digit, x, y)
      context.fillText(digit, x, y)
    }
  }
}
