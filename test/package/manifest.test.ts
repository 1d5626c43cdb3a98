import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const read = (name: string): string => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')
const exists = (path: string): boolean => existsSync(new URL(`../../${path}`, import.meta.url))

interface Entry {
  readonly types: string
  readonly default: string
}

interface Locked {
  readonly resolved?: string
  readonly optionalDependencies?: Record<string, string>
}

const manifest = JSON.parse(read('package.json')) as { readonly exports: Record<string, Entry | string> }
const lockfile = JSON.parse(read('package-lock.json')) as { readonly packages: Record<string, Locked> }
const entries = Object.entries(manifest.exports).flatMap(([name, entry]) =>
  typeof entry === 'string' ? [] : [[name, entry] as const],
)
const compilerOptions = JSON.parse(read('tsconfig.json')) as {
  readonly compilerOptions: { readonly paths: Record<string, ReadonlyArray<string>> }
}

const sourceOf = (entry: Entry): string =>
  entry.default
    .replace(/^\.\/dist\/(?!sandbox\/)/, './src/')
    .replace('./dist/', './')
    .replace(/\.js$/, '.ts')

describe('package.json', () => {
  it.each(entries)('%s has a source', (_name, entry) => {
    expect(entry.default).toMatch(/^\.\/dist\/.*\.js$/)
    expect(exists(sourceOf(entry))).toBe(true)
    expect(entry.types).toBe(entry.default.replace(/\.js$/, '.d.ts'))
  })

  it.each(entries)('%s has the same source under its name in the compiler options', (name, entry) => {
    expect(compilerOptions.compilerOptions.paths[name.replace(/^\./, 'rxjobs')]).toEqual([sourceOf(entry)])
  })
})

describe('package-lock.json', () => {
  const packages = Object.entries(lockfile.packages)

  it('says of no package where it was got', () => {
    expect(packages.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path)).toEqual([])
  })

  it('holds the optional packages of every platform, without which npm ci refuses it', () => {
    const missing = packages.flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !lockfile.packages[`node_modules/${name}`] && !lockfile.packages[`${path}/node_modules/${name}`],
      ),
    )
    expect(missing).toEqual([])
  })
})
