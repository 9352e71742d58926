/** The package by its name: what Node, Deno, Bun and every bundler resolve. */
export const load = async () => ({
  ...(await import('collimate')),
  ...(await import('collimate/io')),
  ...(await import('collimate/synthetic')),
  ...(await import('collimate/metrics')),
  ...(await import('collimate/model-selection')),
  ...(await import('collimate/solvers')),
  ...(await import('collimate/features')),
  ...(await import('collimate/migration')),
  serve: await import('collimate/serve'),
})
