export function inOrderOf(single: Uint8Array, double: Uint8Array): Uint8Array<ArrayBuffer>
