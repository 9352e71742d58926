/** The source of @assemblyscript/loader without what it does at import. @throws if what is looked for is not there */
export declare function withoutImportEffects(code: string): string
