import { integerIn } from '../validation.js'
import { Instance } from './instance.js'

const MOST_INSTANCES = 1024

/**
 * Makes WebAssembly instances ahead and asynchronously where a page's main thread refuses to make them at once: Chromium before 115 does, of builds
 * of more than 4 KB. Anywhere else there is nothing to do. A model takes one when it is first used, an index when it is made or read, and either
 * another one after `releaseMemory()`.
 *
 * @param instances - how many, from 1 to 1024; default 1
 * @throws UnsupportedRuntimeError where WebAssembly cannot run: the promise rejects, as for a count that is none
 */
export async function prepare(instances = 1): Promise<void> {
  await Instance.prepare(integerIn(instances, 1, MOST_INSTANCES, 'instances'))
}
