import { test } from 'vitest'
import { onEveryBuild } from '../support/binaries.js'
import * as oracle from '../support/oracles.js'
import { absolute, absoluteDot, agree, forEachCase } from '../support/vector-cases.js'

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
