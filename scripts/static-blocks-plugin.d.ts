/** JavaScript as esbuild prints it, with static fields for static blocks. @throws if a block is not printed as expected */
export declare function withoutStaticBlocks(code: string): string
