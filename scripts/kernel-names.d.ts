export function shortNames(): Record<string, string>
export function withShortNames(bytes: Uint8Array, names?: Record<string, string>): Uint8Array<ArrayBuffer>
