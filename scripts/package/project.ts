import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { root, run } from '../shell.ts'

/** The fields of a package.json that matter here. */
export interface Manifest {
  readonly name: string
  readonly exports: Record<string, string | { readonly default: string }>
  readonly dependencies?: Record<string, string>
  readonly peerDependencies?: Record<string, string>
}

/** The package.json in a folder. */
export const manifestIn = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest

interface Entry {
  /** As a program imports it: `rxjobs`, `rxjobs/genesys`… */
  readonly name: string
  /** Its source, from the repository's root. */
  readonly source: string
  /** What is built of it, from `dist`. */
  readonly built: string
}

/** The entries of package.json that have code. */
export const entries = (): ReadonlyArray<Entry> =>
  Object.entries(manifestIn(root).exports).flatMap(([path, target]) => {
    if (typeof target === 'string') return []
    const built = target.default.replace('./dist/', '')
    const source = `${built.startsWith('sandbox/') ? '' : 'src/'}${built.replace(/\.js$/, '.ts')}`
    return [{ name: path.replace(/^\./, 'rxjobs'), source, built }]
  })

const hasPackages = (folder: string): boolean =>
  existsSync(join(folder, 'node_modules')) || (folder !== dirname(folder) && hasPackages(dirname(folder)))

/** A new folder from which no packages can be found but its own. */
function isolatedFolder(): string {
  const parent = [tmpdir(), '/var/tmp', homedir()].find((folder) => existsSync(folder) && !hasPackages(folder))
  if (parent === undefined) throw new Error('a node_modules folder lies above every folder for temporary files')
  return mkdtempSync(join(parent, 'rxjobs-package-'))
}

/** An empty project somewhere else, with this package installed from its tarball. */
export interface Project {
  readonly folder: string
  readonly tarball: string
  /** Where this package lies in it: exactly the tarball's files. */
  readonly installed: string
  readonly install: (...packages: ReadonlyArray<string>) => void
  readonly remove: () => void
}

/** Packs this package as it is in a fresh clone and installs the tarball in a new {@link Project}. */
export function newProject(): Project {
  const folder = isolatedFolder()
  try {
    return packedInto(folder)
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

function packedInto(folder: string): Project {
  const install = (...packages: ReadonlyArray<string>): void =>
    void run(folder, 'npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', ...packages)
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  run(root, 'npm', 'pack', '--pack-destination', folder)
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
