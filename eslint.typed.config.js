import tseslint from 'typescript-eslint'
import base from './eslint.config.js'

/** eslint.config.js, and the rules that need types: three times as long, so that `.ci/run` has them and `npm test` has not. */
export default tseslint.config(...base, {
  files: ['src/**/*.ts', 'test/**/*.ts', 'vitest.config.ts'],
  extends: [...tseslint.configs.strictTypeChecked],
  languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
  rules: {
    // Numbers are what this package prints; a template literal with a number is no mistake here.
    '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
    '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
  },
})
