// Browsers, with the package's files as they are: in a page, in workers, in an iframe, and where WebAssembly is forbidden.
import { chromium, firefox, webkit } from './drivers.js'
import { serve } from './server.js'

/** A browser, and the path of the page to open in it. `prepare` may change the project first. */
export function browser(name, driver, path, expected, prepare = () => Promise.resolve()) {
  return {
    name,
    expected,
    missing: driver.missing,
    async start(project) {
      await prepare(project)
      const server = await serve(project.folder)
      const started = await driver.start()
      return {
        version: started.version,
        run: (input) => server.exchange(input, () => started.visit(`${server.address}${path}`)),
        async stop() {
          await started.stop()
          server.stop()
        },
      }
    },
  }
}

const relaxed = { binary: 'relaxed' }
const simd = { binary: 'simd' }
const noSimd = { unsupported: 'lacks SIMD.*use Chrome 93' }
const noWasm = { unsupported: 'has no WebAssembly.*use an engine' }
const forbidden = { unsupported: "refused to .* WebAssembly.*'wasm-unsafe-eval'" }

const everywhere = (name, driver, expected) => [
  browser(name, driver, '/page', expected),
  browser(`${name}, Web Worker`, driver, '/web-worker', expected),
  browser(`${name}, Service Worker`, driver, '/service-worker', expected),
  browser(`${name}, iframe`, driver, '/iframe', expected),
  browser(`${name}, strict policy`, driver, '/forbidden', forbidden),
]

export const browsers = [
  ...everywhere('Chromium', chromium(), relaxed),
  browser('Chromium, not fused', chromium(['--no-enable-fma3']), '/page', relaxed),
  browser('Chromium, no SIMD', chromium(['--no-enable-ssse3']), '/page', noSimd),
  browser('Chromium, no WebAssembly', chromium(['--jitless']), '/page', noWasm),
  ...everywhere('Firefox', firefox(), relaxed),
  browser('Firefox, no relaxed SIMD', firefox({ 'javascript.options.wasm_relaxed_simd': false }), '/page', simd),
  browser('Firefox, no WebAssembly', firefox({ 'javascript.options.wasm': false }), '/page', noWasm),
  ...everywhere('WebKit', webkit(), simd),
  browser('WebKit, relaxed SIMD', webkit({ JSC_useWasmRelaxedSIMD: '1' }), '/page', relaxed),
  browser('WebKit, no SIMD', webkit({ JSC_useWasmSIMD: '0' }), '/page', noSimd),
]
