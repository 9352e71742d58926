import { Agent, request } from 'node:http'

/** The q-th part of sorted values lies below. */
export const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]

function post(agent, url, body) {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, method: 'POST', headers: { 'content-length': Buffer.byteLength(body) } })
    sent.on('error', reject).on('response', (response) => {
      response.on('data', () => {}).on('end', () => resolve(response.statusCode))
    })
    sent.end(body)
  })
}

/**
 * Requests over a few connections, each with the next as soon as it is answered, until there were enough or it took long enough.
 *
 * @param {URL} base
 * @param {string[]} bodies - taken in turn
 * @param {number} status - what each has to be answered with
 * @returns requests per second, and the median and the 99th percentile of the time that one took, in milliseconds
 */
export async function load(base, bodies, status, { connections = 8, most = 4000, seconds = 5 } = {}) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const url = new URL('/nearest', base)
  const times = []
  let sent = 0
  const start = performance.now()
  const end = start + 1000 * seconds
  const client = async () => {
    while (sent < most && performance.now() < end) {
      const begin = performance.now()
      const got = await post(agent, url, bodies[sent++ % bodies.length])
      if (got !== status) throw new Error(`answered with ${got}, expected ${status}`)
      times.push(performance.now() - begin)
    }
  }
  await Promise.all(Array.from({ length: connections }, client))
  const perSecond = (1000 * times.length) / (performance.now() - start)
  agent.destroy()
  times.sort((a, b) => a - b)
  return { count: times.length, perSecond, p50: quantile(times, 0.5), p99: quantile(times, 0.99) }
}

/** In words. */
export const loadText = ({ count, perSecond, p50, p99 }) =>
  `${count} requests at ${perSecond.toFixed(0)} a second, p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`
