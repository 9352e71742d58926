import { expect, test } from 'vitest'
import { KINDS, readDamaged } from './file-kinds.js'

// `npm run fuzz:files` reads a million of each kind.
const COUNT = 500

test.each(Object.entries(KINDS))(
  'whatever is done to a file, its reader gives an object or says that it is none: %s',
  (_, kind) => {
    const counts = readDamaged(kind, COUNT, 1)
    // Where nothing is read, or everything, little was tried.
    expect(counts.read).toBeGreaterThan(COUNT / 100)
    expect(counts.format).toBeGreaterThan(COUNT / 4)
  },
)
