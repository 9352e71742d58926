import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { JointFactor, LeastSquares, loadAlignment, Matrix, PerfectAlignment } from '../../src/index.js'
import { readNpy, readSafetensors, writeNpy, type FileBytes } from '../../src/io/index.js'

const X = Matrix.from([
  [1, 2],
  [3, 5],
  [4, 1],
])
const model = new LeastSquares().fit([X, X]).toBytes()
const perfect = new PerfectAlignment({ nComponents: 1 }).fit([X, X]).toBytes()
const factor = new JointFactor([2, 2]).update([X, X]).toBytes()

const READERS: Record<string, [bytes: Uint8Array, read: (bytes: FileBytes) => unknown]> = {
  readNpy: [writeNpy(X), (bytes) => readNpy(bytes).data],
  readSafetensors: [model, (bytes) => [...readSafetensors(bytes).tensors.keys()]],
  loadAlignment: [model, (bytes) => loadAlignment(bytes).toBytes()],
  'LeastSquares.fromBytes': [model, (bytes) => LeastSquares.fromBytes(bytes).toBytes()],
  'PerfectAlignment.fromBytes': [perfect, (bytes) => PerfectAlignment.fromBytes(bytes).toBytes()],
  'JointFactor.fromBytes': [factor, (bytes) => JointFactor.fromBytes(bytes).toBytes()],
}

describe.each(Object.entries(READERS))('%s', (_name, [bytes, read]) => {
  const expected = read(bytes)
  const shared = new SharedArrayBuffer(bytes.length)
  new Uint8Array(shared).set(bytes)
  const foreign = runInNewContext('Uint8Array') as typeof Uint8Array

  test.each<[string, FileBytes]>([
    ['an ArrayBuffer', new Uint8Array(bytes).buffer],
    ['shared memory', shared],
    ['a Buffer', Buffer.from(bytes)],
    ['an ArrayBuffer of another realm', foreign.from(bytes).buffer],
    ['bytes of another realm', foreign.from(bytes)],
  ])('reads %s', (_what, file) => {
    expect(read(file)).toEqual(expected)
  })

  test.each<[string, unknown, string]>([
    ['a Blob', new Blob([new Uint8Array(bytes)]), 'await x.arrayBuffer()'],
    ['a Response', new Response(new Uint8Array(bytes)), 'await x.arrayBuffer()'],
    ['a promise', Promise.resolve(bytes), 'class Promise: await it'],
    ['a path', 'model.safetensors', 'got a string: read the file'],
    ['a Buffer of JSON', JSON.parse(JSON.stringify(Buffer.from(bytes))), 'Uint8Array.from(x.data)'],
    ['bytes of JSON', JSON.parse(JSON.stringify(bytes)), 'Uint8Array.from(Object.values(x))'],
    ['a list of bytes', Array.from(bytes), 'Uint8Array.from(x)'],
    ['other numbers', new Float32Array(8), 'new Uint8Array(x.buffer, x.byteOffset, x.byteLength)'],
    ['a DataView', new DataView(new ArrayBuffer(8)), 'new Uint8Array(x.buffer, x.byteOffset, x.byteLength)'],
    ['a number', 3, 'must be a Uint8Array or an ArrayBuffer'],
    ['nothing', undefined, 'got undefined'],
  ])('says what to call with %s', (_what, file, cure) => {
    expect(() => read(file as FileBytes)).toThrow(TypeError)
    expect(() => read(file as FileBytes)).toThrow(cure)
  })
})

test('the cures are cures', async () => {
  const file = writeNpy(X)
  expect(readNpy(await new Blob([new Uint8Array(file)]).arrayBuffer()).data).toEqual(X.data)
  const buffer = JSON.parse(JSON.stringify(Buffer.from(file))) as { data: number[] }
  expect(readNpy(Uint8Array.from(buffer.data)).data).toEqual(X.data)
  const bytes = JSON.parse(JSON.stringify(file)) as Record<string, number>
  expect(readNpy(Uint8Array.from(Object.values(bytes))).data).toEqual(X.data)
  const view = new DataView(Uint8Array.of(0, ...file, 0).buffer, 1, file.length)
  expect(readNpy(new Uint8Array(view.buffer, view.byteOffset, view.byteLength)).data).toEqual(X.data)
})
