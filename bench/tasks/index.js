import { alignment } from './alignment.js'
import { eigh, solve, squareQr } from './dense.js'
import { gemm } from './gemm.js'
import { growth } from './growth.js'
import { nearest } from './nearest.js'
import { qr } from './qr.js'
import { svd, svdvals } from './svd.js'

/**
 * What is timed at some sizes, by us and by rivals.
 *
 * @typedef {object} Task
 * @property {string} name
 * @property {{ full: any[], short: any[] }} sizes
 * @property {'entry' | 'largest'} scale what a difference between results is relative to
 * @property {(size: any) => string} label
 * @property {(size: any, context: import('../worker.js').Context) => Promise<Setting>} setUp
 */

/**
 * @typedef {object} Setting
 * @property {import('../harness.js').Contender[]} ours
 * @property {(import('../harness.js').Contender | undefined)[]} rivals undefined where one is not installed or not asked
 * @property {import('../harness.js').Contender} [peak] timed alongside where a share of the peak means something
 */

/** @type {Task[]} */
export const tasks = [gemm, qr, squareQr, solve, eigh, svd, svdvals, alignment, growth, nearest]
