// The same file is a worker thread in Node and a Web Worker in a page.
import workerpool from 'workerpool'
import { fitPart } from './part.js'

workerpool.worker({
  fitPart(part) {
    const result = fitPart(part)
    // The bytes are moved to the other thread, not copied.
    return new workerpool.Transfer(result, [result.bytes.buffer])
  },
})
