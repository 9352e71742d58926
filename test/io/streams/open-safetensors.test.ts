import { describe, expect, it } from 'vitest'
import { FileFormatError, openSafetensors, writeSafetensors, type RowSource } from '../../../src/io/index.js'
import { Matrix } from '../../../src/matrix.js'
import { generated, inPieces, stacked, valueAt } from './generated.js'

const IMAGE = new Matrix(3, 2, Float32Array.of(1, 2, 3, 4, 5, 6))
const TEXT = { shape: [3, 2, 2], data: Float32Array.from({ length: 12 }, (_, i) => i), dtype: 'BF16' as const }
const FILE = writeSafetensors({ tensors: [['image', IMAGE], ['text', TEXT]], metadata: { ids: '["a","b","c"]' } }) // prettier-ignore

async function rowsOf(source: RowSource, options = {}): Promise<Matrix> {
  const chunks: Matrix[] = []
  for await (const chunk of source.chunks(options)) chunks.push(chunk)
  return stacked(chunks)
}

/** A header as somebody else wrote it, and that many bytes. */
function file(header: object, dataBytes: number): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header))
  const bytes = new Uint8Array(8 + json.length + dataBytes)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true)
  bytes.set(json, 8)
  return bytes
}

describe('openSafetensors', () => {
  it('gives the rows of a tensor, and ids', async () => {
    for (const bytes of [FILE, inPieces(FILE, 3)]) {
      const source = await openSafetensors(bytes, { tensor: 'image' })
      expect([source.rows, source.cols, source.dtype, source.ids]).toEqual([3, 2, 'F32', ['a', 'b', 'c']])
      expect(await rowsOf(source, { rows: 2 })).toEqual(IMAGE)
    }
    const text = await openSafetensors(FILE, { tensor: 'text' })
    expect(await rowsOf(text, { rows: 1, from: 1 })).toEqual(new Matrix(2, 4, TEXT.data.slice(4)))
  })

  it('takes the one tensor that there is, and asks where there are several', async () => {
    const one = writeSafetensors({ tensors: [['x', IMAGE]] })
    expect((await openSafetensors(one)).rows).toBe(3)
    await expect(openSafetensors(FILE)).rejects.toThrow('several tensors could be meant: the file has "image", "text"')
    await expect(openSafetensors(FILE, { tensor: 'a\u001b' })).rejects.toThrow(/there is no tensor "a/)
    await expect(openSafetensors(writeSafetensors({ tensors: [] }))).rejects.toThrow('the file has none')
  })

  it('reads a tensor beside others of types that it does not', async () => {
    const header = {
      odd: { dtype: 'F8_E4M3', shape: [3], data_offsets: [0, 3] },
      half: { dtype: 'F4', shape: [3, 2], data_offsets: [3, 6] },
      newer: { dtype: 'U3', shape: [8], data_offsets: [6, 8] },
      x: { dtype: 'F32', shape: [1, 2], data_offsets: [8, 16] },
    }
    expect(await rowsOf(await openSafetensors(file(header, 8 + 8), { tensor: 'x' }))).toEqual(new Matrix(1, 2, Float32Array.of(0, 0))) // prettier-ignore
    await expect(openSafetensors(file(header, 16), { tensor: 'odd' })).rejects.toThrow(/of dtype "F8_E4M3", expected one of BOOL/) // prettier-ignore
    const wrong = { ...header, half: { dtype: 'F4', shape: [4, 2], data_offsets: [3, 6] } }
    await expect(openSafetensors(file(wrong, 16), { tensor: 'x' })).rejects.toThrow('takes 4 bytes, not 3')
  })

  it('says what is missing', async () => {
    await expect(openSafetensors(FILE.slice(0, -1), { tensor: 'image' })).rejects.toThrow(FileFormatError)
    for (const length of [0, 5, 30]) {
      await expect(openSafetensors(FILE.slice(0, length))).rejects.toThrow(FileFormatError)
      await expect(openSafetensors(inPieces(FILE.slice(0, length), 4))).rejects.toThrow(FileFormatError)
    }
    const cut = await openSafetensors(inPieces(FILE.slice(0, -40), 64), { tensor: 'image' })
    await expect(rowsOf(cut)).rejects.toThrow(/the file ends within an array/)
    const scalar = writeSafetensors({ tensors: [['x', { shape: [], data: Float32Array.of(1) }]] })
    await expect(openSafetensors(scalar)).rejects.toThrow(RangeError)
  })

  it('takes as ids only what can be', async () => {
    for (const ids of ['["a"]', '[1,2,3]', 'none', '["a"']) {
      const bytes = writeSafetensors({ tensors: [['image', IMAGE]], metadata: { ids } })
      expect((await openSafetensors(bytes)).ids).toBeUndefined()
    }
  })

  it('reads rows beyond 4 GiB', async () => {
    const rows = 2_000_000
    const header = file({ x: { dtype: 'F32', shape: [rows, 768], data_offsets: [0, rows * 768 * 4] } }, 0)
    const source = await openSafetensors(generated(header, rows, 768))
    expect((await rowsOf(source, { from: rows - 3 })).data[2 * 768 + 5]).toBe(valueAt(rows - 1, 5))
  })
})
