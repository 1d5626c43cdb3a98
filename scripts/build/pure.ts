import { readFile } from 'node:fs/promises'
import type { Plugin } from 'esbuild'
import ts from 'typescript'

/** Where the calls begin that are made while a module is evaluated to give its constants their values. */
function callsOf(file: ts.SourceFile): ReadonlySet<number> {
  const places = new Set<number>()
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) places.add(node.getStart(file))
    ts.forEachChild(node, visit)
  }
  for (const statement of file.statements) if (ts.isVariableStatement(statement)) visit(statement)
  return places
}

/** The code with each such call marked as one that may be left out where its value is not used. */
export function annotated(path: string, code: string): string {
  const file = ts.createSourceFile(path, code, ts.ScriptTarget.ES2022)
  const places = [...callsOf(file)].sort((a, b) => a - b)
  const parts = [0, ...places].map((place, at) => code.slice(place, places[at]))
  return parts.join('/* @__PURE__ */ ')
}

/**
 * What `sideEffects: false` in package.json says of files, said of each constant: whoever uses something else of a file does not pay
 * for it.
 */
export const pure: Plugin = {
  name: 'pure',
  setup(build) {
    build.onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) => ({
      contents: annotated(path, await readFile(path, 'utf8')),
      loader: 'ts',
    }))
  },
}
