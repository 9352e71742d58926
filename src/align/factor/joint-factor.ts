import { wrongKind } from '../../describe.js'
import type { FileBytes } from '../../io/file-bytes.js'
import type { FeatureMap } from '../../features/feature-map.js'
import { NotFittedError } from '../../errors.js'
import type { RepeatOptions, sourcedSteps, SourceOptions } from '../../io/streams/sources.js'
import { NOT_CLONED, refuseJson, type Bytes } from '../../keeping.js'
import { describe, Matrix, toMatrix, type MatrixLike } from '../../matrix.js'
import { registered } from '../../registered.js'
import { Engine } from '../../runtime/engine.js'
import { run, runAsync, type AsyncOptions, type Steps } from '../../steps.js'
import { integerIn } from '../../validation.js'
import { takenModalities } from '../../runtime/taken.js'
import { blockOffsets } from '../../dense/slices.js'
import { decodeFactor, encodeFactor } from './factor-file.js'
import {
  appendSteps,
  appendWaitingSteps,
  emptyFactor,
  mergedSteps,
  mostWaiting,
  waitingRowsSteps,
  type FactorState,
  type WaitingRows,
} from './factor-state.js'
import { pairedMatrices } from './paired.js'

/** A factor made by any copy of this package, as one of this copy's; undefined for anything else. */
export function asJointFactor(x: unknown): JointFactor | undefined {
  if (x instanceof JointFactor) return x
  if (!(Object(x) as JointFactor).isJointFactor) return undefined
  const { widths, R, rows, float32, sources } = x as JointFactor
  return JointFactor.of(widths, { R: toMatrix(R, 'R'), rows, float32 }, sources)
}

/**
 * The R factor of the joint data [1, X1, ..., XM] (n x (1 + d), one row a sample, d = d1 + ... + dM): all that a linear method
 * needs to know of the data, without the squared condition number of a Gram matrix. It takes rows as they come, merges with
 * the factor of other rows, and holds (1 + d)^2 numbers however many rows it has seen.
 *
 * R^T R = [1, X]^T [1, X]: Ri^T Rj = Xi^T Xj on whole columns, and on rows 1 and on the same of the centred data; the means
 * are R[0, 1:] / R[0, 0]. R is unique up to the signs of its rows (where the data has full column rank).
 *
 * Cost: 2 n (1 + d)^2 operations for n rows (of the first 1 + d a third less), 2/3 (1 + d)^3 for a merge. Rows that come fewer than 256 at a
 * time wait for others, and are taken in as one block, or when they are asked for: before the first block there are up to max(256, 1 + d) of
 * them, then 256, of 1 + d numbers each.
 * Source: Golub and Van Loan, section 5.2; Demmel, Grigori, Hoemmen and Langou 2012 (TSQR).
 *
 * @memory (1 + d)^2 + 600 (1 + d) doubles and 2 MiB
 */
export class JointFactor {
  /** Columns of each modality. */
  readonly widths: readonly number[]
  /** What made its rows, if it is a factor of features. @internal */
  declare features: readonly (FeatureMap | undefined)[] | undefined
  /** Whose rows it has seen, as far as that was said: for `sourcesOf` of `collimate/io` to read. */
  declare sources: string | undefined
  /** For structuredClone and its like to stumble over. @internal */
  readonly notCloned = NOT_CLONED
  #state: FactorState
  /** What came in less than a block at a time, until there is one. Never changed, only replaced. */
  #waiting: readonly WaitingRows[] = []

  /** Marks the factors of every copy of this package: its ES and its CommonJS build may be loaded side by side. @internal */
  get isJointFactor(): boolean {
    return true
  }

  /**
   * @param widths - columns of each modality, one or more
   * @throws TypeError if it is no array of numbers, RangeError unless all are integers from 1 on
   * @throws OutOfMemoryError if (1 + d)^2 numbers are more than there is room for
   */
  constructor(widths: readonly number[]) {
    this.widths = checkWidths(widths)
    this.#state = emptyFactor(widths)
  }

  /** A factor whose state is known. @internal */
  static of(widths: readonly number[], state: FactorState, sources?: string): JointFactor {
    const factor = new JointFactor(widths)
    factor.#state = state
    factor.sources = sources
    return factor
  }

  /** The rows seen so far, n. */
  get rows(): number {
    return this.#waiting.reduce((sum, { rows }) => sum + rows.rows, this.#state.rows)
  }

  /** The factor, (1 + d) x (1 + d) upper triangular; a copy. */
  get R(): Matrix {
    const { rows, cols, data } = this.settled.R
    return new Matrix(rows, cols, data.slice())
  }

  /** Which modalities have held float32 data: what theory says is zero is then zero to 2^-24 only. */
  get float32(): boolean[] {
    return [...this.settled.float32]
  }

  /** The column means, one array per modality. @throws NotFittedError before the first row */
  means(): Float64Array[] {
    const { R, rows } = this.settled
    if (rows === 0) throw new NotFittedError('this JointFactor has seen no rows: call update first')
    const means = Float64Array.from(R.row(0), (x) => x / R.data[0]).subarray(1)
    const offsets = blockOffsets(this.widths)
    return this.widths.map((_, m) => means.slice(offsets[m], offsets[m + 1]))
  }

  /**
   * Takes in more rows. After an error the factor is as it was.
   *
   * @param modalities - M matrices, n x d1, ..., n x dM; row i of each is the same sample
   * @param options.source - which rows of what they are: then none of them comes in twice, and the file of the factor says so. Needs `registerIo` of `collimate/io`
   * @throws TypeError if that is no array of matrices
   * @throws RangeError for other widths, different numbers of rows, an entry that is not finite, or rows of a source that are there already
   */
  update(modalities: readonly MatrixLike[], options?: SourceOptions): this {
    run(this.#updateSteps(Engine.shared(), modalities, options))
    return this
  }

  /**
   * {@link update} with turns for the event loop. Other updates and merges may run at the same time; none is lost.
   *
   * @throws as {@link update}, and with the signal's reason on an abort: the promise rejects
   */
  async updateAsync(modalities: readonly MatrixLike[], options: AsyncOptions & SourceOptions = {}): Promise<this> {
    const taken = takenModalities(modalities, options)
    await runAsync(this.#updateSteps(await Engine.createAsync(), taken, options), options)
    return this
  }

  /**
   * Takes in the rows that another factor has seen, which stays as it was. The order of merges does not matter.
   *
   * @param options.onRepeat - what becomes of rows whose sources say that they are here already
   * @throws TypeError if `other` is no JointFactor, RangeError if its widths differ, the result would not be finite, or rows would count twice
   */
  merge(other: JointFactor, options?: RepeatOptions): this {
    const factor = asJointFactor(other)
    if (factor === undefined) throw new TypeError(`can merge a JointFactor only, got ${describe(other)}`)
    const [theirs, ours] = [factor, this].map(({ widths }) => widths.join(', '))
    if (theirs !== ours) throw new RangeError(`cannot merge a factor of widths ${theirs} into one of ${ours}`)
    run(this.#sourced(this.mergeSteps(Engine.shared(), factor.settled), options, factor))
    return this
  }

  /** What takes in rows, if it is not told that they are here already. */
  #sourced(
    steps: Steps<void>,
    options: SourceOptions | undefined,
    came: { rows: number; sources?: string },
  ): Steps<void> {
    return options?.source || came.sources
      ? (registered('sources', 'Io') as typeof sourcedSteps)(this, steps, options, came)
      : steps
  }

  *#updateSteps(engine: Engine, modalities: readonly MatrixLike[], options: SourceOptions | undefined): Steps<void> {
    const matrices = pairedMatrices(modalities, this.widths.length, this.widths)
    yield* this.#sourced(this.#takenSteps(engine, matrices), options, matrices[0])
  }

  *#takenSteps(engine: Engine, matrices: readonly Matrix[]): Steps<void> {
    const rows = yield* waitingRowsSteps(matrices)
    if (rows === undefined) return yield* this.#appendSteps(engine, matrices)
    if (this.rows - this.#state.rows + rows.rows.rows > mostWaiting(this.#state)) yield* this.settleSteps(engine)
    this.#waiting = [...this.#waiting, rows]
  }

  *#appendSteps(engine: Engine, matrices: readonly Matrix[]): Steps<void> {
    const before = this.#state
    const after = yield* appendSteps(engine, before, matrices)
    if (this.#state === before) this.#state = after
    // Another update came in between: its rows must stay, and so these are factored by themselves and merged.
    else yield* this.mergeSteps(engine, yield* appendSteps(engine, emptyFactor(this.widths), matrices))
  }

  /** {@link update} in bounded pieces, without waiting for more rows. @throws as that @internal */
  appendSteps(engine: Engine, modalities: readonly MatrixLike[]): Steps<void> {
    return this.#appendSteps(engine, pairedMatrices(modalities, this.widths.length, this.widths))
  }

  /** The state with all rows in it: itself, not a copy, and not to be written to. @internal */
  get settled(): FactorState {
    run(this.settleSteps(Engine.shared()))
    return this.#state
  }

  /** Takes in the rows that wait, in bounded pieces. @internal */
  *settleSteps(engine: Engine): Steps<void> {
    while (this.#waiting.length > 0) {
      const [before, waiting] = [this.#state, this.#waiting]
      const after = yield* appendWaitingSteps(engine, before, waiting)
      // Somebody else may have taken in these rows, or others.
      if (this.#state !== before) continue
      this.#state = after
      this.#waiting = this.#waiting.slice(waiting.length)
    }
  }

  /** {@link merge} in bounded pieces. @internal */
  *mergeSteps(engine: Engine, other: FactorState): Steps<void> {
    for (;;) {
      const before = this.#state
      const after = yield* mergedSteps(engine, before, other)
      if (this.#state !== before) continue
      this.#state = after
      return
    }
  }

  /**
   * The factor as a safetensors file in memory, float64: the upper triangle, min(n, 1 + d) rows of it, at most (1 + d) (2 + d) / 2
   * numbers. {@link fromBytes} reads it, here or elsewhere; docs/combiner.md has the format.
   */
  toBytes(): Bytes {
    return encodeFactor(this.widths, this.settled, this.sources)
  }

  /** Refuses: JSON would lose the factor without a word. @throws TypeError always; keep {@link toBytes} instead */
  toJSON(): never {
    return refuseJson()
  }

  /** Vue makes no proxy of what has it: private fields are not reached through one. @internal */
  get __v_skip(): boolean {
    return true
  }

  /** A copy that goes its own way from here on. */
  clone(): JointFactor {
    const copy = JointFactor.of(this.widths, this.#state, this.sources)
    copy.#waiting = this.#waiting
    copy.features = this.features
    return copy
  }

  /**
   * Reads what {@link toBytes} wrote.
   *
   * @throws TypeError if `bytes` is no Uint8Array and no ArrayBuffer, FileFormatError or RangeError if it holds no sound factor
   * @throws OutOfMemoryError if there is no room for (1 + d)^2 numbers
   */
  static fromBytes(bytes: FileBytes): JointFactor {
    return JointFactor.of(...decodeFactor(bytes))
  }
}

function checkWidths(widths: unknown): readonly number[] {
  if (!Array.isArray(widths)) throw wrongKind('widths', 'an array of numbers', widths)
  if (widths.length === 0) throw new RangeError('widths is empty, expected the columns of at least one modality')
  widths.forEach((width: unknown, m) => integerIn(width, 1, Number.MAX_SAFE_INTEGER, `width ${m}`))
  return Object.freeze([...(widths as number[])])
}
