import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createContext, Script } from 'node:vm'
import ts from 'typescript'

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** A package, from this realm. */
const external: (name: string) => object = createRequire(import.meta.url)

/** Loads a source file with all that it imports into a realm of its own, with its own Error, Object and Symbol. */
export function loadInOtherRealm(file: URL): Record<string, unknown> {
  const realm = createContext({})
  const modules = new Map<string, object>()

  function load(url: URL): object {
    const known = modules.get(url.href)
    if (known !== undefined) return known
    const exports: object = {}
    modules.set(url.href, exports)
    const { outputText } = ts.transpileModule(readFileSync(url, 'utf8'), {
      compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
    })
    const run: unknown = new Script(`(exports, require) => {${outputText}\n}`).runInContext(realm)
    const required = (path: string): object => (path.startsWith('.') ? load(new URL(path, url)) : external(path))
    if (typeof run === 'function') Reflect.apply(run, undefined, [exports, required])
    return exports
  }

  const loaded = load(file)
  if (!isObject(loaded)) throw new Error('A module is an object.')
  return loaded
}
