// What the service must answer, wherever it runs: questions and nonsense over HTTP.
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { digits, permutation } from '../mfeat/data.js'

const QUERIES = 60
const BODY_LIMIT_BYTES = 64 * 1024

/** Requests whose own other view is among what is searched. */
export function queries() {
  const { views } = digits()
  const shown = permutation(views[0].rows, 1).slice(1000, 1000 + QUERIES)
  const ask = (modality, view) => shown.map((id) => ({ id, query: { modality, vector: [...view.row(id)], k: 3 } }))
  return [...ask('pixels', views[0]), ...ask('profiles', views[1])]
}

const nonsense = (good) => {
  const vector = good.vector
  const without = (name) => Object.fromEntries(Object.entries(good).filter(([key]) => key !== name))
  const entry = (value) => ({ ...good, vector: [...vector.slice(0, 7), value, ...vector.slice(8)] })
  const huge = JSON.stringify(entry('#')).replace('"#"', '1e999')
  return [
    ['', /not JSON/],
    ['{', /not JSON/],
    ['{"modality":"pixels","vector":[NaN]}', /not JSON/],
    [new Uint8Array([123, 34, 255, 254, 34, 125]), /not UTF-8/],
    ['null', /body is null, expected/],
    ['[]', /body is \[\], expected/],
    ['"pixels"', /body is "pixels", expected/],
    [{}, /modality is missing, expected one of "pixels", "profiles"/],
    [{ ...good, modality: 'audio' }, /modality is "audio"/],
    [{ ...good, modality: 0 }, /modality is 0/],
    ['{"modality":"__proto__","vector":[1]}', /modality is "__proto__"/],
    [without('vector'), /vector is missing, expected an array of numbers/],
    [{ ...good, vector: { length: 240 } }, /vector is \{"length":240\}/],
    [{ ...good, vector: [] }, /vector has 0 numbers, expected 240/],
    [{ ...good, vector: vector.slice(1) }, /vector has 239 numbers, expected 240/],
    [{ ...good, vector: [...vector, 0] }, /vector has 241 numbers/],
    [entry(NaN), /entry 7 of vector is null, expected a finite number/],
    [entry('1'), /entry 7 of vector is "1"/],
    [entry([1]), /entry 7 of vector is \[1\]/],
    [huge, /entry 7 of vector is Infinity/],
    [entry(1e300), /vector is out of range: .*float32/],
    ...[0, -1, 1.5, '5', null, 101, 1e300].map((k) => [{ ...good, k }, /k is .*, expected an integer from 1 to 100/]),
  ]
}

/**
 * Sends bytes as they are, however wrong.
 *
 * @param {boolean} hangUp - whether this side is closed then, and the other does not answer perhaps
 * @returns the status of the first answer, if there is one
 */
function rawStatus(url, bytes, hangUp = false) {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect(Number(url.port), url.hostname, () => socket.write(bytes, () => hangUp && socket.end()))
    const done = () => (socket.destroy(), resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1])))
    socket.setTimeout(5000, done)
    socket.on('error', () => {}).on('close', done)
    socket.on('data', (data) => {
      text += data
      if (text.includes('\r\n')) done()
    })
  })
}

/**
 * @param {URL} base - where it listens
 * @returns how many requests were made, and the share of them that found their other view first
 */
export async function conversation(base) {
  let count = 0
  const send = async (path, init) => (count++, fetch(new URL(path, base), init))
  const post = (body) => {
    const raw = typeof body === 'string' || body instanceof Uint8Array
    return send('/nearest', { method: 'POST', body: raw ? body : JSON.stringify(body) })
  }
  const refused = async (response, status, reason) => {
    const { error, ...rest } = await response.json()
    assert.deepEqual([response.status, rest], [status, {}], error)
    assert.match(error, reason)
  }
  const asked = queries()
  const [{ query: good }] = asked

  const answered = async ({ id, query }) => {
    const response = await post(query)
    const { modality, items } = await response.json()
    assert.equal(response.status, 200)
    assert.equal(modality, query.modality === 'pixels' ? 'profiles' : 'pixels')
    assert.equal(items.length, query.k ?? 10)
    for (const item of items) assert.ok(item.similarity <= items[0].similarity && Math.abs(item.similarity) <= 1.000001)
    return items[0].id === id
  }
  const all = await Promise.all(asked.map(answered))
  const share = all.filter(Boolean).length / all.length
  assert.ok(share > 0.95, `only ${share} found their other view first`)
  await answered({ query: { modality: good.modality, vector: good.vector } })
  await answered({ query: { ...good, k: 100 } })
  await answered({ query: { ...good, vector: good.vector.map((_, i) => (i % 2 ? 1e30 : -1e30)) } })

  for (const [body, reason] of nonsense(good)) await refused(await post(body), 400, reason)
  for (const path of ['/', '/nearest/', '/NEAREST', '/model.safetensors', '/query.json']) {
    await refused(await send(path), 404, /there is no "/)
  }
  for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS']) {
    const response = await send('/nearest', { method })
    assert.equal(response.headers.get('allow'), 'POST')
    await refused(response, 405, new RegExp(`takes POST, not ${method}`))
  }
  assert.equal((await send('/nearest', { method: 'HEAD' })).status, 405)

  const padding = ' '.repeat(BODY_LIMIT_BYTES - JSON.stringify(good).length)
  assert.equal((await post(JSON.stringify(good) + padding)).status, 200)
  await refused(await post(`${JSON.stringify(good)}${padding} `), 413, /larger than 65536 bytes/)
  await unframed(base)
  assert.ok(await answered(asked[0]), 'it does not answer any more')
  return { count, share }
}

/** Bodies whose length is not said, or not true. */
async function unframed(base) {
  const head = (...lines) => ['POST /nearest HTTP/1.1', `Host: ${base.host}`, ...lines, '', ''].join('\r\n')
  const chunk = `1000\r\n${' '.repeat(0x1000)}\r\n`
  const chunked = head('Transfer-Encoding: chunked')
  assert.equal(await rawStatus(base, chunked + chunk.repeat(15) + '0\r\n\r\n'), 400)
  assert.equal(await rawStatus(base, chunked + chunk.repeat(17) + '0\r\n\r\n'), 413)
  assert.equal(await rawStatus(base, chunked + chunk.repeat(400)), 413)
  assert.equal(await rawStatus(base, head('Content-Length: 1000000000') + '{}'), 413)
  assert.equal(await rawStatus(base, head('Content-Length: 2') + '{}'.repeat(50_000)), 400)
  // What is said here is beyond the service: the server may answer, or hang up, but must go on.
  await rawStatus(base, head('Content-Length: 500') + '{}', true)
  await rawStatus(base, head('Content-Length: 5', 'Transfer-Encoding: chunked') + '{}', true)
}
