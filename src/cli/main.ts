#!/usr/bin/env node
import { main } from './program.js'

const interrupt = new AbortController()
// Only the first Ctrl-C is caught: a second one, impatient, ends the process at once.
process.once('SIGINT', () => {
  interrupt.abort()
})

// `collimate info model | head -1` closes the pipe early; that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

const { stdout, stderr, env } = process
void main(process.argv.slice(2), { stdout, stderr, env, signal: interrupt.signal }).then((code) => {
  process.exitCode = code
})
