/** A text stream as the commands see it: `process.stdout` is one, and so is a list of strings in a test. */
export interface Output {
  write(text: string): unknown
  /** Resolves once there is room for more. */
  readonly writeBytes?: (bytes: Uint8Array) => Promise<void>
  readonly isTTY?: boolean
  readonly columns?: number
}

/** All that a command may touch of the process it runs in. */
export interface Context {
  /** Bytes of the standard input, if there is one: not touched before they are asked for. */
  readonly stdin?: () => AsyncIterable<Uint8Array>
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal
}
