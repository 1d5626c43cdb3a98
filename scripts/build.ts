// Builds what users get into dist: code by esbuild, declarations by tsc. docs/decisions.md says why. npm run build.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { pure } from './pure.ts'
import { entries } from './package/project.ts'
import { root, run, tool } from './shell.ts'

rmSync(join(root, 'dist'), { recursive: true, force: true })
for (const project of ['tsconfig.build.json', 'tsconfig.build.sandbox.json']) run(root, tool('tsc'), '-p', project)
await build({
  absWorkingDir: root,
  entryPoints: entries().map(({ source, built }) => ({ in: source, out: built.replace(/\.js$/, '') })),
  outdir: 'dist',
  tsconfig: 'tsconfig.build.json',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'neutral',
  target: 'es2022',
  packages: 'external',
  chunkNames: 'shared-[hash]',
  sourcemap: true,
  // The sources are in the package, too: a map leads to them.
  sourcesContent: false,
  plugins: [pure],
  logLevel: 'warning',
})
