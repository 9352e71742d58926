/** Where compiled rivals and loops go; git ignores it. */
export const scratch = new URL('../.bench/', import.meta.url)

/** The last full result, kept in the repository. */
export const results = new URL('results/', import.meta.url)
