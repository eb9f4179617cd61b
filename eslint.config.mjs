import eslint from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

import { boundaries, TESTS } from './tools/eslint/boundaries.mjs';
import { determinism } from './tools/eslint/determinism.mjs';

const nodeGlobals = Object.fromEntries(Object.getOwnPropertyNames(globalThis).map((name) => [name, 'readonly']));

export default defineConfig(
  globalIgnores([
    '**/dist/',
    '**/out-tsc/',
    '**/coverage/',
    '**/templates/',
    '.nx/',
    '.cache/',
    'packages/engine/compute/kernels/*.ts',
  ]),
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommended],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: ['error', 'always'],
      'no-unused-private-class-members': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
      // tsc reports unused names already, with the one exception that it makes for a leading underscore.
      '@typescript-eslint/no-unused-vars': 'off',
      // `interface Bpr extends DomainModel {}` gives a type its own name.
      '@typescript-eslint/no-empty-object-type': ['error', { allowInterfaces: 'with-single-extends' }],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      // A promise that nobody awaits hides an error and breaks the order that recovery relies on.
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { inheritedMethods: false } }],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/prefer-promise-reject-errors': 'error',
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  { files: ['**/*.mjs'], languageOptions: { globals: nodeGlobals } },
  boundaries,
  { files: ['packages/**/*.ts'], ignores: TESTS, rules: determinism },
);
