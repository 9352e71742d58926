// Serves the project to browsers, with the pages that the suite runs in; hands out the input and takes the outcome.
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'

const TYPES = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm', '.html': 'text/html' }

/** What a page may do. Without 'wasm-unsafe-eval' there is no WebAssembly. */
const ALLOWED = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'"
const FORBIDDEN = "default-src 'self'; script-src 'self'"

const page = (script) =>
  `<!doctype html><meta charset="utf-8"><title>collimate</title><script type="module" src="${script}"></script>`

const PAGES = {
  '/page': { policy: ALLOWED, html: page('/suite/page-main.js') },
  '/web-worker': { policy: ALLOWED, html: page('/suite/page-web-worker.js') },
  '/service-worker': { policy: ALLOWED, html: page('/suite/page-service-worker.js') },
  '/main-thread': { policy: ALLOWED, html: page('/suite/page-main-thread.js') },
  '/iframe': { policy: ALLOWED, html: '<!doctype html><iframe src="/page"></iframe>' },
  '/forbidden': { policy: FORBIDDEN, html: page('/suite/page-main.js') },
}

function body(request) {
  return new Promise((resolve) => {
    let text = ''
    request.on('data', (data) => (text += data)).on('end', () => resolve(text))
  })
}

/** @returns its address, and `exchange(input, visit)`: what the page that `visit` opens makes of the input */
export async function serve(folder) {
  let current = { input: {}, resolve: () => {} }
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://localhost')
    const send = (type, content, policy = ALLOWED) => {
      response.writeHead(200, { 'content-type': type, 'content-security-policy': policy, 'cache-control': 'no-store' })
      response.end(content)
    }
    if (pathname === '/input') return send('application/json', JSON.stringify(current.input))
    if (pathname === '/outcome') {
      current.resolve(JSON.parse(await body(request)))
      return send('text/plain', '')
    }
    if (pathname === '/bundle') return send('text/html', page(searchParams.get('script')))
    if (pathname in PAGES) return send('text/html', PAGES[pathname].html, PAGES[pathname].policy)
    try {
      const type = TYPES[extname(pathname)] ?? 'application/octet-stream'
      send(type, await readFile(join(folder, normalize(pathname))))
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise((resolve) => server.listen(0, 'localhost', resolve))
  const address = `http://localhost:${server.address().port}`
  return {
    address,
    async exchange(input, visit) {
      let timer
      const outcome = new Promise((resolve, reject) => {
        current = { input, resolve }
        timer = setTimeout(() => reject(new Error('no outcome within two minutes')), 120_000)
      })
      const [result] = await Promise.all([outcome, visit()]).finally(() => clearTimeout(timer))
      return result
    },
    stop: () => server.close(),
  }
}
