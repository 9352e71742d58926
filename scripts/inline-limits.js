import { Transform } from 'assemblyscript/transform'

/**
 * Inlining limits of the optimiser, in its own units of code size, for `asc --transform`. The compiler's own at this level inline
 * functions of up to 70 wherever they are called; at 25 the builds are a sixth smaller and no slower. And functions of up to 200 that are called
 * once: at 100 the register tile of the matrix product stays a function of its own, with all registers to itself (docs/performance.md).
 */
const LIMITS = { setAlwaysInlineMaxSize: 12, setFlexibleInlineMaxSize: 25, setOneCallerInlineMaxSize: 100 }

export default class InlineLimits extends Transform {
  /** The optimiser runs after this and sets its own limits first: from now on, those setters set ours. */
  afterCompile() {
    const { module } = this.program
    for (const [setter, limit] of Object.entries(LIMITS)) {
      const set = module[setter].bind(module)
      module[setter] = () => set(limit)
    }
  }
}
