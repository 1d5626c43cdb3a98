import { readFileSync } from 'node:fs'
import { createContext, Script } from 'node:vm'
import ts from 'typescript'

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

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
    if (typeof run === 'function') Reflect.apply(run, undefined, [exports, (path: string) => load(new URL(path, url))])
    return exports
  }

  const loaded = load(file)
  if (!isObject(loaded)) throw new Error('A module is an object.')
  return loaded
}
