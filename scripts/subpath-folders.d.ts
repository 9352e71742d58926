/** The package.json of each subpath's folder, by its name. */
export declare function subpathPackages(
  exports: Record<string, unknown>,
): Record<string, { main: string; module: string; types: string; sideEffects: boolean }>
