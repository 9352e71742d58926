import { report } from './page.js'

report(async (input) => {
  const options = { type: 'module', scope: '/suite/' }
  const { installing, active } = await navigator.serviceWorker.register('/suite/service-worker.js', options)
  return new Promise((resolve, reject) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = ({ data }) => resolve(data)
    setTimeout(() => reject(new Error('no answer from the service worker')), 60_000)
    ;(installing ?? active).postMessage(input, [port2])
  })
})
