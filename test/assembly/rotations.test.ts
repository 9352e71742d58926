import { expect, test } from 'vitest'
import { onEveryBinary, onEveryBuild } from '../support/binaries.js'
import { expectWithin } from '../support/expectations.js'
import { KernelMemory } from '../support/kernel-memory.js'
import * as oracle from '../support/oracles.js'
import { absolute, absoluteDot, agree, forEachCase, gaussians } from '../support/vector-cases.js'

const EPS = Number.EPSILON

onEveryBinary(() => {
  test('drot: (x, y) <- (c x + s y, c y + r x)', () => {
    forEachCase('f64', (c) => {
      const [x, y] = [c.numbers(1), c.numbers(2)]
      const [X, Y] = [c.memory.vector(x, c.offsets[0]), c.memory.vector(y, c.offsets[1])]
      c.memory.run([X, Y], () => {
        c.memory.kernels.drot(c.n, X.pointer, Y.pointer, 3, 4, -5)
      })
      const [newX, newY] = oracle.rot(x, y, 3, 4, -5)
      const [boundX, boundY] = oracle.rot(absolute(x), absolute(y), 3, 4, 5)
      agree(c, c.memory.read(X).data, newX, boundX)
      agree(c, c.memory.read(Y).data, newY, boundY)
    })
  })

  test('drotdot: the rotation, and the new x times z', () => {
    forEachCase('f64', (c) => {
      const [x, y, z] = [c.numbers(1), c.numbers(2), c.numbers(3)]
      const [X, Y] = [c.memory.vector(x, c.offsets[0]), c.memory.vector(y, c.offsets[1])]
      const Z = c.memory.vector(z, c.offsets[2])
      const value = c.memory.run([X, Y], () => c.memory.kernels.drotdot(c.n, X.pointer, Y.pointer, Z.pointer, 3, 4, -5))
      const [newX, newY] = oracle.rot(x, y, 3, 4, -5)
      const [boundX, boundY] = oracle.rot(absolute(x), absolute(y), 3, 4, 5)
      agree(c, c.memory.read(X).data, newX, boundX)
      agree(c, c.memory.read(Y).data, newY, boundY)
      agree(c, [value], [oracle.dot(newX, z)], Float64Array.of(absoluteDot(boundX, z)))
    })
  })

  test('a plane rotation keeps norms and turns (x, y) back with -s', () => {
    const memory = new KernelMemory()
    const [x, y] = [gaussians(35, 1), gaussians(35, 2)]
    const [X, Y] = [memory.vector(x), memory.vector(y)]
    const [c, s] = [Math.cos(0.7), Math.sin(0.7)]
    memory.kernels.drot(35, X.pointer, Y.pointer, c, s, -s)
    const norms = (u: ArrayLike<number>, v: ArrayLike<number>) => Math.hypot(oracle.nrm2(u), oracle.nrm2(v))
    expect(Math.abs(norms(memory.read(X).data, memory.read(Y).data) / norms(x, y) - 1)).toBeLessThan(4 * EPS)
    memory.kernels.drot(35, X.pointer, Y.pointer, c, -s, s)
    expectWithin(
      memory.read(X).data,
      x,
      x.map((xi, i) => 8 * EPS * (Math.abs(xi) + Math.abs(y[i]))),
      'turned back',
    )
  })
})

onEveryBuild((precision) => {
  test('rotm: (x, y) <- (x + a y, y - b x)', () => {
    forEachCase(precision, (c) => {
      const [x, y] = [c.numbers(1), c.numbers(2)]
      const [X, Y] = [c.memory.vector(x, c.offsets[0]), c.memory.vector(y, c.offsets[1])]
      c.memory.run([X, Y], () => {
        c.memory.kernels.xrotm(c.n, X.pointer, Y.pointer, 3, -5)
      })
      const [newX, newY] = oracle.rotm(x, y, 3, -5)
      const [boundX, boundY] = oracle.rotmMagnitude(absolute(x), absolute(y), 3, -5)
      agree(c, c.memory.read(X).data, newX, boundX)
      agree(c, c.memory.read(Y).data, newY, boundY)
    })
  })

  test('dots2x2: the four products that decide four rotations', () => {
    forEachCase(precision, (c) => {
      const columns = [1, 2, 3, 4].map((seed) => c.numbers(seed))
      const [p0, p1, q0, q1] = columns.map((x, i) => c.memory.vector(x, c.offsets[i % 3]).pointer)
      const out = c.memory.vector(new Float64Array(4), c.offsets[2])
      c.memory.run([out], () => {
        c.memory.kernels.xdots2x2(c.n, p0, p1, q0, q1, out.pointer)
      })
      const [x0, x1, y0, y1] = columns
      const pairs = [[x0, y0], [x1, y1], [x0, y1], [x1, y0]] // prettier-ignore
      agree(
        c,
        c.memory.read(out).data,
        pairs.map(([x, y]) => oracle.dot(x, y)),
        Float64Array.from(pairs, ([x, y]) => absoluteDot(x, y)),
      )
    })
  })

  test('rot2x2: four scaled rotations, (p0, q0) and (p1, q1), then (p0, q1) and (p1, q0)', () => {
    forEachCase(precision, (c) => {
      const columns = [1, 2, 3, 4].map((seed) => c.numbers(seed))
      const operands = columns.map((x, i) => c.memory.vector(x, c.offsets[i % 3]))
      const [a00, a11, b00, b11, a01, a10, b01, b10] = [2, -3, 4, 5, -6, 7, 8, -9]
      const W = c.memory.vector([a00, a11, b00, b11, a01, a10, b01, b10], c.offsets[2])
      c.memory.run(operands, () => {
        const [p0, p1, q0, q1] = operands.map(({ pointer }) => pointer)
        c.memory.kernels.xrot2x2(c.n, p0, p1, q0, q1, W.pointer)
      })
      const expected = (rotm: typeof oracle.rotm, [p0, p1, q0, q1]: Float64Array[]) => {
        const [u0, v0] = rotm(p0, q0, a00, b00)
        const [u1, v1] = rotm(p1, q1, a11, b11)
        const [x0, y1] = rotm(u0, v1, a01, b01)
        const [x1, y0] = rotm(u1, v0, a10, b10)
        return [x0, x1, y0, y1]
      }
      const bounds = expected(oracle.rotmMagnitude, columns.map(absolute))
      expected(oracle.rotm, columns).forEach((column, i) => {
        agree(c, c.memory.read(operands[i]).data, column, bounds[i])
      })
    })
  })
})
