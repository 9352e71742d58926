/** A task that the browser itself calls long. Only Chromium reports them. */
const LONG_TASK_MS = 50
const CAN_OBSERVE = PerformanceObserver.supportedEntryTypes.includes('longtask')

/**
 * What a page's thread was kept from: waits between frames, as requestAnimationFrame sees them in any browser, and tasks of 50 ms
 * and more, where the browser reports them.
 */
export class Meter {
  #onFrame
  #last = 0
  #frames = []
  #longTasks = []
  #on = false
  #observer = CAN_OBSERVE ? new PerformanceObserver((list) => this.#observe(list)) : undefined

  /** @param {(wait: number) => void} onFrame - told at every frame how long it took to come, in ms */
  constructor(onFrame) {
    this.#onFrame = onFrame
    this.#observer?.observe({ type: 'longtask' })
    const tick = (now) => {
      // A page that is not seen has no frames, and waits for none.
      const wait = document.hidden ? 0 : now - this.#last
      this.#last = now
      if (this.#on) this.#frames.push(wait)
      this.#onFrame(wait)
      requestAnimationFrame(tick)
    }
    requestAnimationFrame((now) => {
      this.#last = now
      requestAnimationFrame(tick)
    })
  }

  /** Begins to collect, with the next frame. */
  async start() {
    await nextFrame()
    this.#frames = []
    this.#longTasks = []
    this.#on = true
  }

  /** Ends it. @returns the longest wait for a frame, and the longest task: undefined where the browser tells none, 0 for none over 50 ms */
  async stop() {
    await nextFrame()
    await nextFrame()
    this.#on = false
    const longest = (values) => values.reduce((most, value) => Math.max(most, value), 0)
    const tasks = [...this.#longTasks, ...(this.#observer?.takeRecords() ?? []).map(({ duration }) => duration)]
    return {
      frame: longest(this.#frames),
      task: CAN_OBSERVE ? longest(tasks) : undefined,
      tasksOver: tasks.filter((duration) => duration > LONG_TASK_MS).length,
    }
  }

  #observe(list) {
    if (this.#on) this.#longTasks.push(...list.getEntries().map(({ duration }) => duration))
  }
}

const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve))
