import { report } from './page.js'

report(
  (input) =>
    new Promise((resolve, reject) => {
      const worker = new Worker('/suite/web-worker.js', { type: 'module' })
      worker.onmessage = ({ data }) => resolve(data)
      worker.onerror = (event) => reject(new Error(event.message))
      worker.postMessage(input)
    }),
)
