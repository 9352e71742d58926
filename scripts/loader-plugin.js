/**
 * What of @assemblyscript/loader runs at import, or is for what these builds do not have, and what stands there instead: text or
 * a pattern, and its replacement. A loader in which one of them is not found stops the build.
 */
const CHANGES = [
  // There is no TextDecoder in Jest's jsdom, AudioWorklets and vm contexts, and no start-up snapshot of Node may hold one.
  [/^const utf16 = (new TextDecoder\(.*\));.*$/m, ''],
  ['utf16.decode(', "new TextDecoder('utf-16le', { fatal: true }).decode("],
  // Intrinsics may be frozen; every engine with SIMD that runs the rest of the package has it.
  [/^Object\.hasOwn = Object\.hasOwn \|\| function[^]*?^};$/m, ''],
  // It is given modules, never responses.
  ['  if (isResponse(source = await source)) return instantiateStreaming(source, imports);\n', ''],
  // And modules that are compiled.
  [/isModule\(source\) \? source : .*$/gm, 'source;'],
  // These builds have no imports.
  [/(function instantiate(?:Sync)?\(source), imports = \{\}/g, '$1'],
  [/\(module, imports\)/g, '(module)'],
  // Imports again, and strings, arrays and classes in WebAssembly memory: kernels take and give numbers.
  [/^ {2}const extended = preInstantiate\(imports\);\n/gm, ''],
  [
    /^ {2}const exports = postInstantiate\(extended, instance\);\n {2}return \{ module, instance, exports \};$/gm,
    '  return { instance };',
  ],
]

/** The loader's source with the changes. @throws if one of them does not apply */
export function withoutImportEffects(code) {
  return CHANGES.reduce((text, [from, to]) => {
    const changed = text.replace(from, to)
    if (changed === text) throw new Error(`@assemblyscript/loader has changed: it has no ${String(from)} any more`)
    return changed
  }, code)
}

/** Rollup plugin: the loader instantiates, and does nothing when it is imported. */
export function loaderWithoutImportEffects() {
  return {
    name: 'loader-without-import-effects',
    transform: (code, id) =>
      id.includes('/@assemblyscript/loader/') ? { code: withoutImportEffects(code), map: null } : null,
  }
}
