import { readFile } from 'node:fs/promises'
import type { Plugin } from 'esbuild'
import ts from 'typescript'

/** The positions of the calls that initialize a module's constants. */
function callsOf(file: ts.SourceFile): ReadonlySet<number> {
  const positions = new Set<number>()
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) return
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) positions.add(node.getStart(file))
    ts.forEachChild(node, visit)
  }
  for (const statement of file.statements) if (ts.isVariableStatement(statement)) visit(statement)
  return positions
}

/** Marks each such call as free of side effects. */
export function annotated(path: string, code: string): string {
  const file = ts.createSourceFile(path, code, ts.ScriptTarget.ES2022)
  const positions = [...callsOf(file)].sort((a, b) => a - b)
  const parts = [0, ...positions].map((position, index) => code.slice(position, positions[index]))
  return parts.join('/* @__PURE__ */ ')
}

/** Says of each constant what `sideEffects: false` in package.json says of files: bundlers drop it where it is not used. */
export const pure: Plugin = {
  name: 'pure',
  setup(build) {
    build.onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) => ({
      contents: annotated(path, await readFile(path, 'utf8')),
      loader: 'ts',
    }))
  },
}
