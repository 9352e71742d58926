import { describe, expect, test, vi } from 'vitest'
import { run, runAsync, type Progress, type Steps } from '../../src/steps.js'

/** Counts to n, one piece a step, each taking some time; says in `log` when it is closed. */
function* count(n: number, milliseconds = 0, log: string[] = []): Steps<number> {
  try {
    for (let i = 0; i < n; i++) {
      const end = performance.now() + milliseconds
      while (performance.now() < end);
      yield { phase: 'count', done: i + 1, total: n }
    }
    return n
  } finally {
    log.push('closed')
  }
}

function* fail(): Steps<number> {
  yield { phase: 'fail', done: 0, total: 1 }
  throw new Error('in a step')
}

/** Turns that the event loop takes while something runs. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0
  let running = true
  const tick = () => {
    turns++
    if (running) setImmediate(tick)
  }
  setImmediate(tick)
  await work()
  running = false
  return turns
}

describe('run', () => {
  test('returns the result, or throws what a step throws', () => {
    expect(run(count(5))).toBe(5)
    expect(run(count(0))).toBe(0)
    expect(() => run(fail())).toThrow('in a step')
  })
})

describe('runAsync', () => {
  test('returns the result and reports every step', async () => {
    const seen: Progress[] = []
    expect(await runAsync(count(3), { onProgress: (p) => seen.push(p) })).toBe(3)
    expect(seen.map(({ done, total }) => [done, total])).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ])
  })

  test.each([
    ['no object', null, 'options must be an object, got null'],
    [
      'a signal that is none',
      { signal: new AbortController() },
      'signal must be an AbortSignal, got an object of class AbortController',
    ],
    ['a null signal', { signal: null }, 'signal must be an AbortSignal, got null'],
    ['no function', { onProgress: 'log' }, 'onProgress must be a function, got a string'],
  ])('rejects options of the wrong kind, and closes what it was given: %s', async (_, options, message) => {
    const log: string[] = []
    const steps = count(3, 0, log)
    expect(steps.next().done).toBe(false)
    const error: unknown = await runAsync(steps, options as never).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(TypeError)
    expect(error).toHaveProperty('message', message)
    expect(log).toEqual(['closed'])
  })

  test('rejects with what a step throws', async () => {
    await expect(runAsync(fail())).rejects.toThrow('in a step')
  })

  const refused = function () {
    throw new Error('not supported in the Edge Runtime')
  }
  test.each([
    ['no MessageChannel', undefined],
    ['one that may not be made', refused],
  ])('takes turns where there is %s', async (_, channel) => {
    vi.stubGlobal('MessageChannel', channel)
    const turns = await turnsDuring(() => runAsync(count(20, 5)))
    vi.unstubAllGlobals()
    expect(turns).toBeGreaterThan(3)
  })

  test('comes to its end where there is no clock but that of Date, and no way to wait', async () => {
    const clock = performance
    const steps = function* (): Steps<number> {
      for (const start = clock.now(); clock.now() < start + 12;) yield undefined
      return 1
    }
    for (const name of ['performance', 'MessageChannel', 'setTimeout']) vi.stubGlobal(name, undefined)
    const result = runAsync(steps()).finally(() => vi.unstubAllGlobals())
    expect(await result).toBe(1)
  })

  test('lets the event loop take turns in long work', async () => {
    expect(await turnsDuring(() => runAsync(count(20, 4)))).toBeGreaterThan(4)
  })

  test('does not begin with a signal that is aborted already', async () => {
    const log: string[] = []
    const work = runAsync(count(3, 0, log), { signal: AbortSignal.abort(new Error('stopped before')) })
    await expect(work).rejects.toThrow('stopped before')
    expect(log).toEqual([])
  })

  test('stops at the next step with the reason of the signal, and closes the work', async () => {
    const log: string[] = []
    const controller = new AbortController()
    const seen: number[] = []
    const work = runAsync(count(1000, 0, log), {
      signal: controller.signal,
      onProgress: ({ done }) => {
        seen.push(done)
        if (done === 7) controller.abort(new Error('enough'))
      },
    })
    await expect(work).rejects.toThrow('enough')
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(log).toEqual(['closed'])
  })

  test('an abort from outside arrives while the work goes on', async () => {
    const controller = new AbortController()
    setTimeout(() => {
      controller.abort()
    }, 5)
    const started = performance.now()
    await expect(runAsync(count(2000, 2), { signal: controller.signal })).rejects.toHaveProperty('name', 'AbortError')
    expect(performance.now() - started).toBeLessThan(2000)
  })

  test('a callback that throws ends the work', async () => {
    const log: string[] = []
    const onProgress = () => {
      throw new Error('in the callback')
    }
    await expect(runAsync(count(5, 0, log), { onProgress })).rejects.toThrow('in the callback')
    expect(log).toEqual(['closed'])
  })
})
