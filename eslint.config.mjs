import js from '@eslint/js';
import tsdoc from 'eslint-plugin-tsdoc';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'cdk.out/', 'coverage/', '**/*.js', '**/*.mjs', 'test/package/consumers/'] },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { tsdoc },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // SDKs are loaded where they are needed, so that a command that needs none pays for none.
      '@typescript-eslint/no-require-imports': 'off',
      'tsdoc/syntax': 'error',
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  // The patterns of the config are read by the schema generator as they stand, and are no TSDoc.
  { files: ['constructs/tier/config.ts'], rules: { 'tsdoc/syntax': 'off' } },
  { files: ['test/**'], rules: { 'tsdoc/syntax': 'off', '@typescript-eslint/no-unsafe-assignment': 'off' } },
);
