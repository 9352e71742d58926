/** A static block as esbuild prints it: the brace that closes it stands under the word that opens it. */
const BLOCK = /^( *)static \{\n([^]*?)^\1\}$/gm

/**
 * The same as the initial value of a private static field: static blocks are the one part of ES2022 that React Native's Babel preset
 * refuses. esbuild would take them apart, and with them every private field of their class.
 *
 * @throws if a block is not printed as expected
 */
export function withoutStaticBlocks(code) {
  const changed = code.replace(BLOCK, '$1static #initialized = (() => {\n$2$1})();')
  if (/^\s*static\s*\{/m.test(changed)) throw new Error('a static block is not where it is looked for')
  return changed
}

/** Rollup plugin, after TypeScript is JavaScript. */
export function staticBlocks() {
  return {
    name: 'static-blocks',
    transform: (code, id) => (/\.ts$/.test(id) ? { code: withoutStaticBlocks(code), map: null } : null),
  }
}
