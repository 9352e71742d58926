import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'

it('the digits example shows what the score and Fourier features gain where views have little in common', () => {
  const folder = mkdtempSync(join(tmpdir(), 'collimate-mfeat-'))
  const asked = ['examples/mfeat/main.js', '--splits', '1', '--harder', '1', '--out', folder]
  const lines = execFileSync(process.execPath, asked, { encoding: 'utf8' }).split('\n')
  rmSync(folder, { recursive: true })
  const figures = (start: string) =>
    (lines.find((line) => line.startsWith(`${start} `)) ?? '').slice(start.length).trim().split(/\s+/).map(Number)
  const ways = ['cosine', 'likelihood, by folds', 'the same of Fourier features'].map(figures)
  for (const row of ways) expect(row).toHaveLength(4)
  // recall@1 and recall@10 of both pairs of views: each way finds more than the one before.
  for (let at = 0; at < 4; at++) {
    expect(ways[1][at]).toBeGreaterThan(ways[0][at] + 0.02)
    expect(ways[2][at]).toBeGreaterThan(ways[1][at] + 0.05)
  }
})
