const KIND = 'collimateError'

/** Base of the errors that fit neither `TypeError` (wrong kind) nor `RangeError` (wrong value). */
export class CollimateError extends Error {
  /** By which the classes of another copy of this package are known: class names do not outlive minification. @internal */
  static readonly collimateError: string = 'CollimateError'
  override name = (this.constructor as typeof CollimateError).collimateError

  /** Whether it is one, made by whichever copy: the ES and the CommonJS build may be loaded side by side. @internal */
  static override [Symbol.hasInstance](x: unknown): boolean {
    // A class that extends one of these has no such name of its own, and instances as any class.
    if (!Object.hasOwn(this, KIND)) return Function.prototype[Symbol.hasInstance].call(this, x)
    let made = (x as { constructor?: unknown } | null | undefined)?.constructor
    for (; typeof made === 'function'; made = Object.getPrototypeOf(made)) {
      if (Object.hasOwn(made, KIND) && (made as typeof CollimateError)[KIND] === this[KIND]) return true
    }
    return false
  }
}

/** A fitted quantity was asked of an estimator that has not been fitted. */
export class NotFittedError extends CollimateError {
  /** @internal */
  static override readonly collimateError = 'NotFittedError'
}

/** A matrix is singular to working precision, and what was asked for needs its inverse. */
export class SingularMatrixError extends CollimateError {
  /** @internal */
  static override readonly collimateError = 'SingularMatrixError'
  /** The reciprocal of `conditionEstimate`; 0 where a pivot is exactly zero. */
  readonly rcond: number
  /** The condition number in the 1-norm as estimated, after rows and columns were scaled; Infinity where a pivot is zero. */
  readonly conditionEstimate: number

  constructor(message: string, rcond: number) {
    super(message)
    this.rcond = rcond
    this.conditionEstimate = 1 / rcond
  }
}

/** A symmetric matrix is not positive definite, and what was asked for needs it to be. */
export class NotPositiveDefiniteError extends CollimateError {
  /** @internal */
  static override readonly collimateError = 'NotPositiveDefiniteError'
  /** The order of the first leading principal minor that is not positive: 1 for the first diagonal entry. */
  readonly leadingMinor: number

  constructor(message: string, leadingMinor: number) {
    super(message)
    this.leadingMinor = leadingMinor
  }
}

/** How an iteration of one-sided Jacobi went. */
export interface JacobiDiagnostics {
  /** Passes over all pairs of columns. */
  readonly sweeps: number
  /** Plane rotations applied. */
  readonly rotations: number
  /** Bound of the cosines between columns that are left; sqrt(n) eps at most after convergence. */
  readonly largestCosine: number
}

/** An iteration reached its limit before its stopping rule held. */
export class ConvergenceError<Factors = unknown> extends CollimateError {
  /** @internal */
  static override readonly collimateError = 'ConvergenceError'
  /** How far it came, where the iteration was that of an SVD. */
  readonly jacobi: JacobiDiagnostics | undefined
  /** What it had by then: of an SVD the same object as its result, whose U or V is orthonormal only to about `jacobi.largestCosine`. */
  readonly factors: Factors | undefined

  constructor(message: string, reached: { readonly jacobi?: JacobiDiagnostics; readonly factors?: Factors } = {}) {
    super(message)
    this.jacobi = reached.jacobi
    this.factors = reached.factors
  }
}

/** The work needs more memory than the runtime gives, or than 32-bit WebAssembly can address. */
export class OutOfMemoryError extends CollimateError {
  /** @internal */
  static override readonly collimateError = 'OutOfMemoryError'
}

/** The runtime cannot run the WebAssembly this package needs; the message names the cause and the cure. */
export class UnsupportedRuntimeError extends CollimateError {
  /** @internal */
  static override readonly collimateError = 'UnsupportedRuntimeError'
}

/** The bytes of a file break the rules of its format, or use a part of it that is not supported. */
export class FileFormatError extends CollimateError {
  /** @internal */
  static override readonly collimateError = 'FileFormatError'
  /** Where the fault is, in bytes from the start of the file. */
  readonly byteOffset: number

  constructor(message: string, byteOffset: number) {
    super(`${message} (at byte ${byteOffset})`)
    this.byteOffset = byteOffset
  }
}
