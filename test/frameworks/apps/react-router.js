// React Router: a loader on Node.
export default {
  dependencies: {
    '@react-router/dev': '8.4.0',
    '@react-router/node': '8.4.0',
    '@react-router/serve': '8.4.0',
    isbot: '5.2.3',
    react: '19.3.1',
    'react-dom': '19.3.1',
    'react-router': '8.4.0',
    vite: '8.3.8',
  },
  files: {
    'vite.config.js': `import { reactRouter } from '@react-router/dev/vite'\nexport default { plugins: [reactRouter()] }\n`,
    'app/root.jsx': `import { Outlet } from 'react-router'
export default function Root() { return <html><body><Outlet /></body></html> }\n`,
    'app/routes.js': `import { index } from '@react-router/dev/routes'\nexport default [index('home.jsx')]\n`,
    'app/home.jsx': `import { job } from '../job.js'
export const loader = () => job()
export default function Home({ loaderData }) { return <p>{loaderData}</p> }\n`,
  },
  async check({ node, server }) {
    await node(['node_modules/@react-router/dev/bin.cjs', 'build'])
    return server(['node_modules/@react-router/serve/bin.cjs', 'build/server/index.js'])
  },
}
