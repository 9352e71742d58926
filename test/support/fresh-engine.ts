import { beforeAll } from 'vitest'
import { preferredBinary } from '../../src/runtime/binary.js'
import { Engine } from '../../src/runtime/engine.js'

// Test files that share a process start with the build that users get, and with memory that no other file has grown.
beforeAll(() => {
  Engine.use(preferredBinary())
})
