#!/usr/bin/env node
import { constants } from 'node:os'
import { systemReason } from './errors.js'
import { ExitCode, main } from './program.js'

const interrupt = new AbortController()
let received: NodeJS.Signals = 'SIGINT'
// Only the first is caught: a second Ctrl-C, impatient, ends the process at once.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    received = signal
    interrupt.abort()
  })
}

const { stdout, stderr, env } = process
/** Whether what went wrong with the output reaches the command itself. */
let isTold = false
let input: NodeJS.ReadStream | undefined

stdout.on('error', (error: NodeJS.ErrnoException) => {
  // `collimate info model | head -1` closes the pipe early; that is no error.
  if (error.code === 'EPIPE' || isTold) return
  stderr.write(`collimate: cannot write the standard output: ${systemReason(error)}\n`)
  process.exitCode = ExitCode.badInput
})

const output = {
  write: (text: string) => stdout.write(text),
  writeBytes: (bytes: Uint8Array) =>
    new Promise<void>((resolve, reject) => {
      isTold = true
      stdout.write(bytes, (error) => {
        if (error) reject(error)
        else resolve()
      })
    }),
  isTTY: stdout.isTTY,
  get columns() {
    return stdout.columns
  },
}

void main(process.argv.slice(2), {
  stdin: () => (input = process.stdin),
  stdout: output,
  stderr,
  env,
  signal: interrupt.signal,
}).then((code) => {
  // What still waits for the rest of it must not keep the process.
  input?.destroy()
  process.exitCode ||= code === ExitCode.interrupted ? 128 + constants.signals[received] : code
})
