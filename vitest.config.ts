import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const from = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

// With CI=true one run measures the coverage, too, and writes the result of the tests into a file.
const ci = process.env['CI'] === 'true'

export default defineConfig({
  resolve: {
    alias: [
      { find: /^rxjobs$/, replacement: from('src/index.ts') },
      { find: /^rxjobs\/core$/, replacement: from('src/core.ts') },
      { find: /^rxjobs\/testing$/, replacement: from('src/testing/index.ts') },
      { find: /^rxjobs\/(genesys|connect)$/, replacement: `${from('src/apis')}/$1/index.ts` },
      { find: /^rxjobs\/sandbox$/, replacement: from('sandbox/index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    // Many tests wait for sockets and processes: the default, one worker less than there are cores, leaves cores idle.
    maxWorkers: Math.max(2, availableParallelism()),
    typecheck: { enabled: true, include: ['test/types/*.test-d.ts'], tsconfig: './tsconfig.types.json' },
    reporters: ci ? ['default', ['json', { outputFile: 'coverage/results.json' }]] : ['default'],
    coverage: {
      enabled: ci,
      provider: 'v8',
      include: ['src/**/*.ts', 'sandbox/**/*.ts'],
      exclude: ['**/index.ts', 'src/core.ts', 'sandbox/main.ts'],
      reporter: ['text-summary', 'html', 'json-summary'],
      thresholds: { statements: 98, branches: 95, functions: 98, lines: 99 },
    },
    testTimeout: 20_000,
  },
})
