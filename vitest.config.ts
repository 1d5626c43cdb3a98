import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const from = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

// Where CI is set, one run gives the result of the tests, in a file, and their coverage.
const ci = process.env['CI'] === 'true'

export default defineConfig({
  resolve: {
    alias: [
      { find: /^rxjobs$/, replacement: from('src/index.ts') },
      { find: /^rxjobs\/(core|testing)$/, replacement: `${from('src')}/$1/index.ts` },
      { find: /^rxjobs\/(genesys|connect)$/, replacement: `${from('src/apis')}/$1/index.ts` },
      { find: /^rxjobs\/sandbox$/, replacement: from('sandbox/index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    typecheck: { enabled: true, include: ['test/**/*.test-d.ts'], tsconfig: './tsconfig.test.json' },
    reporters: ci ? ['default', ['json', { outputFile: 'coverage/results.json' }]] : ['default'],
    coverage: {
      enabled: ci,
      provider: 'v8',
      include: ['src/**/*.ts', 'sandbox/**/*.ts'],
      exclude: ['**/index.ts', 'sandbox/main.ts'],
      reporter: ['text-summary', 'html', 'json-summary'],
      thresholds: { statements: 98, branches: 95, functions: 98, lines: 99 },
    },
    testTimeout: 20_000,
  },
})
