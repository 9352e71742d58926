import { alignment } from './alignment.js'
import { eigh, solve, squareQr } from './dense.js'
import { equalRows } from './equal-rows.js'
import { gemm } from './gemm.js'
import { growth } from './growth.js'
import { nearest } from './nearest.js'
import { qr } from './qr.js'
import { svd, svdvals } from './svd.js'
import { widths } from './widths.js'

/**
 * What is timed at some sizes, by us and by rivals.
 *
 * @typedef {object} Task
 * @property {string} name
 * @property {string} [group] of tasks that take minutes, and are run by the name of the group only
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
export const tasks = [gemm, qr, squareQr, equalRows, solve, eigh, svd, svdvals, alignment, growth, nearest, ...widths]

/**
 * Those asked for, by name or group; without any, all that have no group.
 *
 * @param {readonly string[]} only
 */
export const chosen = (only) =>
  tasks.filter(({ name, group }) =>
    only.length === 0 ? group === undefined : only.includes(name) || (group !== undefined && only.includes(group)),
  )
