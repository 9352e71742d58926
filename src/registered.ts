const known: Record<string, unknown> = {}

/** From now on these are found by their names. */
export function register(things: Readonly<Record<string, unknown>>): void {
  Object.assign(known, things)
}

/** What was registered by that name, if anything was. */
export function registeredIf(name: string): unknown {
  return known[name]
}

/**
 * What an entry of its own has registered by that name. What that is its file says: whoever asks takes its type from there.
 *
 * @throws RangeError unless `collimate/solvers`, `collimate/features`, `collimate/score` or `collimate/io` has registered it: few pages need one, and all would carry it
 */
export function registered(name: string, entry: 'Solvers' | 'Features' | 'Score' | 'Io'): unknown {
  if (name in known) return known[name]
  const call = `register${entry}`
  throw new RangeError(
    `'${name}' is in an entry of its own: import { ${call} } from 'collimate/${entry.toLowerCase()}' and call it once`,
  )
}
