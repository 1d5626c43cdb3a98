import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, run } from './shell.ts'

/** What of a package.json matters here. */
export interface Manifest {
  readonly name: string
  readonly exports: Record<string, string | { readonly default: string }>
  readonly dependencies?: Record<string, string>
  readonly peerDependencies?: Record<string, string>
}

/** The package.json in a folder. */
export const manifestIn = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest

/** An empty project somewhere else, with this package installed from its tarball. */
export interface Project {
  readonly folder: string
  readonly tarball: string
  /** Where this package lies in it: exactly the tarball's files. */
  readonly installed: string
  readonly install: (...packages: ReadonlyArray<string>) => void
  readonly remove: () => void
}

/** Builds and packs this package and installs the tarball in a new {@link Project}. */
export function newProject(): Project {
  const folder = mkdtempSync(join(tmpdir(), 'rxjobs-package-'))
  const install = (...packages: ReadonlyArray<string>): void =>
    void run(folder, 'npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', ...packages)
  run(root, 'npm', 'run', 'build')
  run(root, 'npm', 'pack', '--ignore-scripts', '--pack-destination', folder)
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? ''
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }))
  install(`./${tarball}`)
  return {
    folder,
    tarball: join(folder, tarball),
    installed: join(folder, 'node_modules', 'rxjobs'),
    install,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
