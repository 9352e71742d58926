/** The package by its files: what a page without a bundler does. */
export const load = async () => ({
  ...(await import('../node_modules/collimate/dist/index.js')),
  ...(await import('../node_modules/collimate/dist/io.js')),
  ...(await import('../node_modules/collimate/dist/synthetic.js')),
  ...(await import('../node_modules/collimate/dist/metrics.js')),
  ...(await import('../node_modules/collimate/dist/model-selection.js')),
  ...(await import('../node_modules/collimate/dist/features.js')),
  ...(await import('../node_modules/collimate/dist/migration.js')),
  serve: await import('../node_modules/collimate/dist/serve.js'),
})
