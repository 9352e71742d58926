// Parcel 2 as it comes, which does not read `exports`: a bundle for Node.
const targets = { main: { context: 'node', includeNodeModules: true, outputFormat: 'commonjs', optimize: true } }

export default {
  quick: true,
  dependencies: { parcel: '2.16.4' },
  manifest: { type: 'commonjs', source: 'main.js', main: 'out/main.js', targets },
  files: { 'main.js': "import { job } from './job.js'\njob().then(console.log)\n" },
  async check({ node }) {
    await node(['node_modules/parcel/lib/bin.js', 'build', '--no-cache'])
    return node(['out/main.js'])
  },
}
