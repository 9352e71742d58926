const WIDTH = 20
/** How often a line is printed for what is running where lines cannot be overwritten, in milliseconds. */
const QUIET_INTERVAL = 15_000

/**
 * Shows which experiments run and how far they are: on a terminal in one line that changes, elsewhere in a line now and then.
 *
 * @param {NodeJS.WriteStream} stream
 * @param {number} total number of experiments
 */
export function progressDisplay(stream, total) {
  const running = new Map()
  const begun = performance.now()
  let finished = 0
  let lastLine = begun

  const seconds = () => `${((performance.now() - begun) / 1000).toFixed(0)} s`
  const state = () =>
    [...running]
      .map(([id, { done, total: all, what }]) => `${id}${what ? ` (${what})` : ''} ${Math.round((100 * done) / all)} %`)
      .join(', ')
  const clear = () => stream.isTTY && stream.write('\r\x1b[2K')
  const draw = () => {
    const filled = Math.round((WIDTH * finished) / total)
    const line = `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${finished}/${total} ${seconds()}  ${state()}`
    clear()
    stream.write(line.slice(0, (stream.columns ?? 80) - 1))
  }

  return {
    progress({ id, ...where }) {
      running.set(id, where)
      if (stream.isTTY) draw()
      else if (performance.now() - lastLine > QUIET_INTERVAL) {
        lastLine = performance.now()
        stream.write(`  ${seconds()}: ${state()}\n`)
      }
    },
    finished({ id, error, seconds: took, summary }) {
      running.delete(id)
      finished++
      clear()
      const text = error === undefined ? `${took.toFixed(1)} s  ${summary}` : `FAILED: ${error.message}`
      stream.write(`${`${finished}/${total}`.padStart(6)}  ${id.padEnd(22)} ${text}\n`)
      if (stream.isTTY && finished < total) draw()
    },
  }
}
