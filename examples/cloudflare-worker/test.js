import assert from 'node:assert/strict'
import { join } from 'node:path'
import { cloudflareTools, startWorker, wranglerDryRun } from '../../test/runtimes/adapters/cloudflare.js'
import { run } from '../../test/runtimes/process.js'
import { conversation, queries } from '../edge-service/conversation.js'
import { load, loadText, quantile } from '../edge-service/load.js'

export const needs = cloudflareTools

/** The static assets as wrangler.jsonc has them. */
const assets = (example) => ({
  assets: {
    directory: join(example, '../edge-service/assets'),
    binding: 'ASSETS',
    routerConfig: { has_user_worker: true, invoke_user_worker_ahead_of_assets: true },
  },
})

/** Wrangler's bundle of a script, running in workerd. */
async function started(example, script) {
  const out = join(example, 'bundle', script)
  assert.match(await wranglerDryRun(example, out, script), /env\.ASSETS/)
  return startWorker(out, script, assets(example))
}

/** Vectors between two ticks of its clock: enough for them to be many milliseconds. */
const TOGETHER = 1000

async function mapping(example) {
  const worker = await started(example, 'measure.js')
  try {
    const times = await (await fetch(new URL(`/?together=${TOGETHER}`, worker.url))).json()
    return `mapping alone p50 ${quantile(times, 0.5).toFixed(1)} us, p99 ${quantile(times, 0.99).toFixed(1)} us (means of ${TOGETHER})`
  } finally {
    await worker.stop()
  }
}

export async function test({ example }) {
  await run(process.execPath, [join(example, '../edge-service/build.js')])
  const worker = await started(example, 'worker.js')
  try {
    const { count, share } = await conversation(worker.url)
    const bodies = queries().map(({ query }) => JSON.stringify(query))
    const served = await load(worker.url, bodies, 200)
    // All of it but mapping and searching.
    const refused = await load(worker.url, [JSON.stringify({ ...queries()[0].query, k: 0 })], 400)
    return [
      `${count} requests, sound and unsound, ${share.toFixed(3)} of the sound ones found first`,
      `under load ${loadText(served)}`,
      `refused before mapping ${loadText(refused)}`,
      await mapping(example),
    ].join('\n    ')
  } finally {
    await worker.stop()
  }
}
