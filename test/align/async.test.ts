import { describe, expect, it } from 'vitest'
import { PerfectAlignment } from '../../src/align/perfect/perfect-alignment.js'
import type { Matrix } from '../../src/matrix.js'
import type { AsyncOptions, Progress } from '../../src/steps.js'
import { gaussian } from '../support/random.js'
import { rowRanges, sharedLatents } from './support.js'

const SELECTIONS = ['auto', 'balanced', 'informative', 'last'] as const

describe('fitAsync', () => {
  const modalities = sharedLatents(400, [40, 30], 10, 0.3, 120)

  it.each(SELECTIONS)('equals fit, bit for bit: %s', async (selection) => {
    const options = { nComponents: 5, selection }
    const model = await new PerfectAlignment(options).fitAsync(modalities)
    expect(model.toBytes({ state: true })).toEqual(
      new PerfectAlignment(options).fit(modalities).toBytes({ state: true }),
    )
  })

  it('reports progress that goes from the rows to the singular vectors', async () => {
    const seen: Progress[] = []
    await new PerfectAlignment({ nComponents: 5 }).fitAsync(modalities, { onProgress: (p) => seen.push(p) })
    expect(seen[0].phase).toBe('factor')
    expect(seen).toContainEqual(expect.objectContaining({ phase: 'factor', done: 400, total: 400 }))
    expect(seen.map(({ phase }) => phase)).toContain('jacobi')
    for (const { done, total } of seen) {
      expect(done).toBeGreaterThanOrEqual(0)
      expect(done).toBeLessThanOrEqual(total)
    }
  })

  it('lets other work in, which does not disturb it', async () => {
    const large = sharedLatents(600, [150, 130], 20, 0.3, 121)
    const alone = new PerfectAlignment({ nComponents: 8 }).fit(large).maps
    let turns = 0
    const timer = setInterval(() => {
      turns++
      new PerfectAlignment({ nComponents: 3 }).fit(sharedLatents(30, [4, 4], 2, 0.1, turns))
    }, 1)
    const models = await Promise.all([0, 1, 2].map(() => new PerfectAlignment({ nComponents: 8 }).fitAsync(large)))
    clearInterval(timer)
    for (const model of models) expect(model.maps).toEqual(alone)
    expect(turns).toBeGreaterThan(3)
  })

  it('passes the reason of an abort on, at any point, and leaves the model as it was', async () => {
    const model = new PerfectAlignment({ nComponents: 5 }).fit(rowRanges(modalities, 0, 50))
    const before = model.toBytes({ state: true })
    let steps = 0
    await new PerfectAlignment({ nComponents: 5 }).fitAsync(modalities, { onProgress: () => steps++ })
    expect(steps).toBeGreaterThan(10)
    for (let stop = 1; stop <= steps; stop += Math.ceil(steps / 10)) {
      const controller = new AbortController()
      let count = 0
      const onProgress = () => {
        if (++count === stop) controller.abort()
      }
      const error: unknown = await model
        .fitAsync(modalities, { signal: controller.signal, onProgress })
        .catch((e: unknown) => e)
      expect(error).toBe(controller.signal.reason)
      expect(error).toHaveProperty('name', 'AbortError')
      expect(model.toBytes({ state: true })).toEqual(before)
    }
    const reason = new Error('the user left')
    await expect(model.fitAsync(modalities, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(model.toBytes({ state: true })).toEqual(before)
    await model.fitAsync(modalities)
    expect(model.toBytes()).toEqual(new PerfectAlignment({ nComponents: 5 }).fit(modalities).toBytes())
  })

  it('rejects with what fit throws, and leaves the model as it was', async () => {
    const model = new PerfectAlignment({ nComponents: 2 }).fit(sharedLatents(30, [3, 3], 2, 0.1, 122))
    const before = model.toBytes({ state: true })
    const holed = gaussian(3000, 3, 123)
    holed.set(2999, 2, NaN)
    await expect(model.fitAsync([holed, gaussian(3000, 3, 124)])).rejects.toThrow('modality 0: entry (2999, 2) is NaN')
    await expect(model.fitAsync(null as never)).rejects.toThrow(TypeError)
    await expect(model.fitAsync([gaussian(5, 1, 1), gaussian(6, 1, 1)])).rejects.toThrow('modality 1 has 6 rows')
    const thrown = new Error('from the callback')
    const failing = model.fitAsync(modalities, {
      onProgress: () => {
        throw thrown
      },
    })
    await expect(failing).rejects.toBe(thrown)
    expect(model.toBytes({ state: true })).toEqual(before)
  })

  it('leaves samples that come in meanwhile to the last to finish', async () => {
    const model = new PerfectAlignment({ nComponents: 5 })
    const fitting = model.fitAsync(modalities)
    model.partialFit(rowRanges(modalities, 0, 60))
    const partial = model.maps
    await fitting
    expect(model.maps).not.toEqual(partial)
    expect(model.maps).toEqual(new PerfectAlignment({ nComponents: 5 }).fit(modalities).maps)
  })
})

describe('transformAsync and translateAsync after partialFit', () => {
  const modalities = sharedLatents(300, [40, 30], 10, 0.3, 122)
  const [first, rest] = [rowRanges(modalities, 0, 200), rowRanges(modalities, 200, 300)]
  const behind = () => new PerfectAlignment({ nComponents: 5 }).partialFit(first)
  const fitted = new PerfectAlignment({ nComponents: 5 }).partialFit(first)
  const CALLS: Record<string, [() => Matrix, (model: PerfectAlignment, options?: AsyncOptions) => Promise<Matrix>]> = {
    transform: [() => fitted.transform(rest[0], 0), (model, o) => model.transformAsync(rest[0], 0, o)],
    translate: [() => fitted.translate(rest[0], 0, 1), (model, o) => model.translateAsync(rest[0], 0, 1, o)],
  }

  it.each(Object.entries(CALLS))(
    '%s computes the maps in pieces, which other calls then find',
    async (_, [now, later]) => {
      const model = behind()
      const [before, after]: string[][] = [[], []]
      expect(await later(model, { onProgress: ({ phase }) => before.push(phase) })).toEqual(now())
      await later(model, { onProgress: ({ phase }) => after.push(phase) })
      expect(before).toContain('jacobi')
      expect(after).not.toContain('jacobi')
      expect(before.length - after.length).toBeGreaterThan(4)
    },
  )

  it.each(Object.entries(CALLS))(
    '%s goes by the samples seen at the call, and keeps no maps that are out of date',
    async (_, [now, later]) => {
      const model = behind()
      const answers = [later(model), later(model)]
      model.partialFit(rest)
      expect(await Promise.all(answers)).toEqual([now(), now()])
      expect(model.maps).toEqual(new PerfectAlignment({ nComponents: 5 }).partialFit(first).partialFit(rest).maps)
    },
  )

  it.each(Object.entries(CALLS))(
    '%s ends at an abort, after which the maps are still to be computed',
    async (_, [now, later]) => {
      const model = behind()
      const controller = new AbortController()
      const stop = { signal: controller.signal, onProgress: () => { controller.abort() } } // prettier-ignore
      await expect(later(model, stop)).rejects.toThrow('abort')
      expect(await later(model)).toEqual(now())
    },
  )
})
