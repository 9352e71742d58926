import { shareOf, type Progress } from '../steps.js'
import type { Context, Output } from './context.js'

/** Whether escape sequences may go to `output`: a capable terminal, and nobody asked for plain text (no-color.org). */
export function coloured(output: Output, env: Context['env']): boolean {
  return output.isTTY === true && env.TERM !== 'dumb' && (env.NO_COLOR ?? '') === ''
}

/** `text` in bold where `output` takes it. */
export function bold(text: string, output: Output, env: Context['env']): string {
  return coloured(output, env) ? `\x1b[1m${text}\x1b[22m` : text
}

/** Text that names what a file holds, without the bytes by which a terminal is controlled. */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, '\ufffd')
}

/** A value as JSON without the bytes by which a terminal is controlled: JSON.stringify writes those above 0x7e as they are. */
export function jsonText(value: unknown, indent?: number): string {
  const escaped = (c: string) => `\\u00${c.charCodeAt(0).toString(16)}`
  return JSON.stringify(value, null, indent).replace(/[\x7f-\x9f]/g, escaped)
}

/** Where a command says what it did: not in the midst of what it wrote. */
export function statusOf(out: string, { stdout, stderr }: Pick<Context, 'stdout' | 'stderr'>): Output {
  return out === '-' ? stderr : stdout
}

/** Columns of a terminal; 80 where it does not tell, or says 0, as some pseudo-terminals do. */
export function columnsOf({ columns }: Output): number {
  return columns !== undefined && columns > 0 ? columns : 80
}

// Work that is over sooner needs no bar, and a bar that changes faster than this cannot be read.
const FIRST_DRAW_MS = 200
const REDRAW_MS = 60
const BAR_COLUMNS = 30
const CLEAR_LINE = '\r\x1b[K'

/** Shows how far a long operation has come; only what it does, where its total is NaN. `clear` leaves the terminal as it was. */
export interface ProgressBar {
  readonly report: (progress: Progress) => void
  readonly clear: () => void
}

/** A stream of lines that do not come behind a progress bar, which is drawn on the same. */
export function withoutBar(output: Output): Output {
  let isDrawn = false
  return {
    write(text: string) {
      const isBar = text.startsWith(CLEAR_LINE)
      const line = isDrawn && !isBar ? CLEAR_LINE + text : text
      isDrawn = isBar && text !== CLEAR_LINE
      return output.write(line)
    },
    get isTTY() {
      return output.isTTY
    },
    get columns() {
      return output.columns
    },
  }
}

/** A progress bar on stderr if that is a terminal, otherwise nothing at all. `now` is in milliseconds. */
export function progressBar(
  { stderr, env }: Pick<Context, 'stderr' | 'env'>,
  now = () => performance.now(),
): ProgressBar {
  if (stderr.isTTY !== true || env.TERM === 'dumb') return { report: () => undefined, clear: () => undefined }
  let due = now() + FIRST_DRAW_MS
  let drawn = false
  return {
    report(progress) {
      if (now() < due) return
      due = now() + REDRAW_MS
      drawn = true
      stderr.write(CLEAR_LINE + progressLine(progress, columnsOf(stderr)))
    },
    clear() {
      if (drawn) stderr.write(CLEAR_LINE)
      drawn = false
    },
  }
}

function progressLine(progress: Progress, columns: number): string {
  if (Number.isNaN(progress.total)) return progress.phase.slice(0, Math.max(0, columns - 1))
  const share = shareOf(progress)
  const filled = Math.round(share * BAR_COLUMNS)
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_COLUMNS - filled)
  const percent = `${Math.floor(share * 100)}%`.padStart(4)
  // A line that wraps could not be cleared again.
  return `${bar} ${percent} ${progress.phase}`.slice(0, Math.max(0, columns - 1))
}
