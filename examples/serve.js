// Serves the repository's examples that are pages: a static server of nothing but Node. It sets no header that a page needs.
//   node examples/serve.js [port]
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import process from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.npy': 'application/octet-stream',
}

/**
 * Serves the pages.
 *
 * @param {{ port?: number, examples?: string, dist?: string }} options - the folder of the examples, and that of the built package
 * @returns {Promise<{ address: string, stop: () => void }>}
 */
export async function serve({ port = 0, examples = here('.'), dist = here('../dist') } = {}) {
  const folders = { examples, dist }
  const server = createServer(async ({ url }, response) => {
    const { pathname } = new URL(url, 'http://localhost')
    const [, top, ...rest] = decodeURIComponent(pathname).split('/')
    // A normalised absolute path cannot climb out of the folder it is joined to.
    const path = normalize(`/${rest.join('/')}`)
    try {
      const body = await readFile(join(folders[top], path.endsWith('/') ? `${path}index.html` : path))
      response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? TYPES['.html'], 'cache-control': 'no-cache' })
      response.end(body)
    } catch {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('not found')
    }
  })
  await new Promise((resolve, reject) => server.on('error', reject).listen(port, '127.0.0.1', resolve))
  return { address: `http://localhost:${server.address().port}`, stop: () => server.close() }
}

function here(path) {
  return fileURLToPath(new URL(path, import.meta.url))
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { address } = await serve({ port: Number(process.argv[2] ?? 8080) })
  for (const name of ['browser', 'web-worker']) console.log(`${address}/examples/${name}/`)
}
