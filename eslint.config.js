import tseslint from 'typescript-eslint';

const config = tseslint.config(
  { ignores: ['dist/', 'node_modules/', '*.config.js', '*.config.ts', 'ci/'] },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    // The program of the build, and not the project service: a fifth faster.
    languageOptions: { parserOptions: { project: './tsconfig.build.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true }, ignoreTernaryTests: true }],
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-invalid-void-type': ['error', { allowInGenericTypeArguments: true }],
      // There are no enums, and classes are errors: half of the time of all rules for nothing.
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      'max-lines': ['error', { max: 320, skipBlankLines: true, skipComments: true }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'No default exports: a name is found by searching for it.' },
        { selector: 'TSEnumDeclaration', message: 'Use a union of literals.' },
      ],
    },
  },
  {
    // The gate has half a minute. What types would find in a test, tsc and vitest do: an assertion that is not awaited fails.
    files: ['tests/**/*.ts'],
    ...tseslint.configs.disableTypeChecked,
  },
  {
    // Only the command line prints.
    files: ['harness/**/*.ts'],
    ignores: ['harness/commands/**', 'harness/terminal/**', 'harness/session.ts', 'harness/main.ts', 'harness/cli.ts'],
    rules: {
      'no-console': 'error',
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'stdout', message: 'Only commands and terminal/ print.' },
        { object: 'process', property: 'stderr', message: 'Only commands and terminal/ print.' },
        { object: 'Date', property: 'now', message: 'Take the time from effects.clock.' },
        { object: 'Math', property: 'random', message: 'Results must be repeatable.' },
      ],
    },
  },
);

export { config as default };
