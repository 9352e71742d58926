import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { InputError } from '../errors.js'
import type { Store } from './store.js'
import { parseStoreUrl } from './address.js'

/**
 * Opens the store of an address. What reaches it is loaded only now.
 *
 * @throws InputError if the address is none, its driver is not installed, or the store has not what it names
 */
export async function openStore(address: string): Promise<Store> {
  const url = parseStoreUrl(address)
  switch (url.scheme) {
    case 'sqlite':
      return (await import('./sqlite.js')).openSqlite(url)
    case 'lancedb':
      return (await import('./lancedb.js')).openLanceDB(url)
    case 'module':
      return openModule(url.location, address)
    default:
      return (await import('./postgres.js')).openPostgres(url)
  }
}

/** A module of the user's own, whose default export opens a store: for what has no driver here. It is handed all of the address. */
async function openModule(location: string, address: string): Promise<Store> {
  const path = location.replace(/\?[^]*$/, '')
  const module = (await import(pathToFileURL(resolve(path)).href).catch((error: unknown) => {
    throw new InputError(`${path} does not load: ${String(error)}`, { cause: error })
  })) as { default?: unknown }
  if (typeof module.default !== 'function') {
    throw new InputError(`${path} has no function as its default export, which would open the store`)
  }
  const open = module.default as (address: string) => Promise<Store> | Store
  return open(address)
}
