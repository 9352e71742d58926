import js from '@eslint/js'
import tseslint from 'typescript-eslint'

export default tseslint.config(
  { ignores: ['dist/', 'build/', 'assembly/', '.bench/'] },
  js.configs.recommended,
  {
    files: ['src/**/*.ts', 'test/**/*.ts', 'vitest.config.ts'],
    // Those that need types are in eslint.typed.config.js.
    extends: [...tseslint.configs.strict],
    rules: {
      // Indexing is checked once at the boundary (src/validation.ts), so `a[i]!` is never needed nor wanted.
      '@typescript-eslint/no-non-null-assertion': 'error',
    },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        performance: 'readonly',
        Buffer: 'readonly',
        WebAssembly: 'readonly',
        setTimeout: 'readonly',
        TextDecoder: 'readonly',
        TextEncoder: 'readonly',
      },
    },
  },
  {
    // These run in a dozen runtimes, each with globals of its own.
    files: ['test/runtimes/**', 'test/frameworks/**', 'examples/**'],
    rules: { 'no-undef': 'off' },
  },
)
