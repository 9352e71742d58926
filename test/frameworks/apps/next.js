// Next.js by both of its bundlers: a page on Node, a page and an API route at the edge; neither warns of anything that the edge lacks.
// The route is one of pages/: of route handlers at the edge in app/, webpack's builds of Next.js 16.4 miss a manifest, whatever they import.
export default {
  dependencies: { next: '16.4.6', react: '19.3.1', 'react-dom': '19.3.1' },
  files: {
    'app/layout.js': `export default function Layout({ children }) { return <html><body>{children}</body></html> }\n`,
    'app/page.js': `import { job } from '../job.js'
export const dynamic = 'force-dynamic'
export default async function Page() { return <p>{await job()}</p> }\n`,
    'app/edge/page.js': `import { job } from '../../job.js'
export const runtime = 'edge'
export const dynamic = 'force-dynamic'
export default async function Page() { return <p>{await job()}</p> }\n`,
    'pages/api/edge.js': `import { job } from '../../job.js'
export const config = { runtime: 'edge' }
export default async function handler() { return new Response(await job()) }\n`,
  },
  async check({ node, server, expected }) {
    const next = 'node_modules/next/dist/bin/next'
    for (const bundler of ['--webpack', '--turbopack']) {
      const built = await node([next, 'build', bundler], { warnings: true })
      if (built.includes('MessageChannel')) throw new Error(built)
      for (const path of ['/', '/edge', '/api/edge']) {
        const said = await server([next, 'start', '-p', 'PORT'], { path })
        if (!said.includes(expected)) throw new Error(`${bundler}, ${path}: ${said}`)
      }
    }
    return expected
  },
}
