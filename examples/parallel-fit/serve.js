// Bundles the page and its worker, and serves them: esbuild's own server.
//   node examples/parallel-fit/serve.js [port]
import { fileURLToPath, pathToFileURL } from 'node:url'
import { context } from 'esbuild'

/** @returns the address of the page, and how to stop serving it */
export async function serve(port = 0) {
  const folder = fileURLToPath(new URL('.', import.meta.url))
  const bundler = await context({
    entryPoints: ['page.js', 'worker.js'],
    absWorkingDir: folder,
    bundle: true,
    // What the pool asks for in Node only.
    external: ['worker_threads', 'child_process', 'os'],
    logLevel: 'error',
    format: 'esm',
    outdir: 'bundle',
    write: false,
  })
  const server = await bundler.serve({ servedir: folder, host: '127.0.0.1', ...(port === 0 ? {} : { port }) })
  return { address: `http://localhost:${server.port}/`, stop: () => bundler.dispose() }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { address } = await serve(Number(process.argv[2] ?? 8080))
  console.log(address)
}
