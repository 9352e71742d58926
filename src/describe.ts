function className(value: object): string {
  const { constructor } = value as { constructor?: unknown }
  return typeof constructor === 'function' ? constructor.name : 'none'
}

/** What a value is, in an error message's words. */
export function describe(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return `an array of length ${value.length}`
  if (typeof value === 'object') return `an object of class ${className(value)}`
  return typeof value === 'number' || value === undefined ? String(value) : `a ${typeof value}`
}

/** The error for a value that is not what it must be. @param advice - what to do about it */
export function wrongKind(name: string, expected: string, value: unknown, advice = ''): TypeError {
  return new TypeError(`${name} must be ${expected}, got ${describe(value)}${advice}`)
}

/** What `read` gives. An error that it throws begins with the name of what it reads. */
export function named<T>(name: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof Error && !error.message.startsWith(name)) error.message = `${name}: ${error.message}`
    throw error
  }
}
