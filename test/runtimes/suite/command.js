// Node, Deno and Bun: reads the input from the file named, prints the outcome.
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { conformance } from './conformance.js'
import { load } from './load.js'

console.log(JSON.stringify(await conformance(load, JSON.parse(readFileSync(process.argv[2], 'utf8')))))
