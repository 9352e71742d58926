/**
 * The build of an earlier commit, to be timed in turn with this one: COLLIMATE_BASELINE is the path of its dist/index.js.
 *
 * @returns {Promise<any>}
 */
export const baseline = async () =>
  process.env.COLLIMATE_BASELINE === undefined ? undefined : import(process.env.COLLIMATE_BASELINE)
