import { alignment } from './alignment.js'
import { eigh, solve, squareQr } from './dense.js'
import { equalRows } from './equal-rows.js'
import { gemm } from './gemm.js'
import { growth } from './growth.js'
import { nearest } from './nearest.js'
import { qr } from './qr.js'
import { serve, serveReports } from './serve/index.js'
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
 * @property {number} [tolerance] up to which results agree; default that of float64
 * @property {(size: any) => string} label
 * @property {(size: any, context: import('../worker.js').Context) => Promise<Setting>} setUp
 */

/**
 * @typedef {object} Setting
 * @property {import('../harness.js').Contender[]} ours
 * @property {(import('../harness.js').Contender | undefined)[]} rivals undefined where one is not installed or not asked
 * @property {import('../harness.js').Contender} [peak] timed alongside where a share of the peak means something
 */

/**
 * What is measured by itself, in no turn with anything.
 *
 * @typedef {object} Report
 * @property {string} name
 * @property {string} group
 * @property {(context: import('../worker.js').Context, short: boolean) => Figure[]} figures
 */

/**
 * @typedef {object} Figure
 * @property {string} name
 * @property {number} value
 * @property {string} unit
 * @property {number} [most] what it must not exceed
 * @property {number} [least] what it must reach
 */

/** @type {Task[]} */
export const tasks = [
  ...[gemm, qr, squareQr, equalRows, solve, eigh, svd, svdvals, alignment, growth, nearest],
  ...[...widths, ...serve],
]

/** @type {Report[]} */
export const reports = serveReports

/**
 * Those asked for, by name or group; without any, all that have no group.
 *
 * @template {{ name: string, group?: string }} T
 * @param {readonly T[]} all
 * @param {readonly string[]} only
 */
export const chosen = (all, only) =>
  all.filter(({ name, group }) =>
    only.length === 0 ? group === undefined : only.includes(name) || (group !== undefined && only.includes(group)),
  )
