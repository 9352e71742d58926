/** What becomes of rows that have one id. */
export const DUPLICATES = ['error', 'first', 'mean'] as const

/** One of {@link DUPLICATES}. */
export type OnDuplicate = (typeof DUPLICATES)[number]
