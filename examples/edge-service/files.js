import { createService } from './service.js'

/** What build.js writes. */
const NAMES = ['model.safetensors', 'collection.json', 'pixels.safetensors', 'profiles.safetensors']

/**
 * The service, of files that are read by name.
 *
 * @param {(name: string) => Promise<Uint8Array>} read
 */
export async function loadService(read) {
  const [model, about, ...indices] = await Promise.all(NAMES.map((name) => read(name)))
  return createService({ model, about, indices })
}
