import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'collimate-mfeat-'))
let stdout = ''

beforeAll(() => {
  if (!existsSync('dist/index.js')) throw new Error("dist/index.js is missing: 'npm run build' makes it")
  stdout = execFileSync(
    process.execPath,
    ['examples/mfeat/main.js', '--splits', '1', '--harder', '0', '--out', folder],
    {
      encoding: 'utf8',
    },
  )
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

/** The numbers of a row of the table: training CMAE, CMAE, NCMAE, energy, effective rank, recall@1, recall@10, MRR. */
function figures(selection: string): number[] {
  const line = stdout.split('\n').find((text) => text.startsWith(`${selection} `)) ?? ''
  return line.slice(selection.length).trim().split(/\s+/).map(Number)
}

describe('the digits example', () => {
  it('reports every selection beside chance', () => {
    for (const selection of ['last', 'informative', 'balanced', 'auto (balanced)']) {
      const row = figures(selection)
      expect(row).toHaveLength(8)
      for (const value of row) expect(value).toBeGreaterThan(0)
    }
    expect(figures('chance')).toEqual([0.0014, 0.0143, 0.0102])
  })

  it('shows that a perfect training error proves nothing', () => {
    const [lastError, , , , , lastRecall] = figures('last')
    const [balancedError, , , , , balancedRecall] = figures('balanced')
    expect(lastError).toBeLessThan(1e-12)
    expect(balancedError).toBeGreaterThan(0.01)
    expect(lastRecall).toBeLessThan(0.8)
    expect(balancedRecall).toBeGreaterThan(0.96)
    expect(stdout).toMatch(/proves\s+nothing/)
  })

  it('writes a picture that needs nothing else: both views of 700 digits, four times', () => {
    expect(stdout).toContain(`Picture: ${join(folder, 'mfeat.html')}`)
    const html = readFileSync(join(folder, 'mfeat.html'), 'utf8')
    expect(html).not.toMatch(/<script|<link|src=|@import|url\(/)
    expect(html).toContain('prefers-color-scheme: dark')
    const panels = html.split('<figure>').slice(-4)
    for (const panel of panels) {
      expect(panel).toMatch(/held-out recall@1 0\.\d{3}/)
      const [lines, marks] = ['line', 'dot'].map((mark) => panel.split(`aria-label="${mark}"`)[1].split('</g>')[0])
      expect(lines.match(/<path/g)).toHaveLength(700)
      expect(marks.match(/<path/g)).toHaveLength(1400)
      expect(panel).not.toContain('NaN')
    }
  })
})
