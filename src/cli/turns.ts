// Between two turns of the event loop: in one Ctrl-C is heard, and a progress bar drawn.
const TURN_MS = 20

/** Gives the event loop a turn now and then. @throws what the signal aborts with */
export function turns(signal: AbortSignal): () => Promise<void> {
  let last = performance.now()
  return async () => {
    if (performance.now() - last < TURN_MS) return
    await new Promise((resolve) => setImmediate(resolve))
    last = performance.now()
    signal.throwIfAborted()
  }
}
